import { stripVTControlCharacters } from 'node:util';

/** `12`, `6 800`, `20/400`, `12.8/s`, `23 MiB`, `1 min 44 s`; nothing counts as well. */
const NUMBER = /^(\d[\d\s.,~–/-]*(\p{L}{1,4}\b[\d\s]*)*)?$/u;

/**
 * Rows as aligned columns; numbers to the right. The first row is the heading.
 *
 * @param least widths that columns have at least
 */
export function table(rows: readonly (readonly string[])[], least: readonly number[] = []): string {
  const widths = columnWidths(rows, least);
  const rightward = widths.map((_, column) =>
    rows.slice(1).every((row) => NUMBER.test(stripVTControlCharacters(row[column] ?? ''))),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const space = ' '.repeat(widths[column]! - width(cell));
          return rightward[column] ? space + cell : cell + space;
        })
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}

/** The widths of the columns of {@link table}. */
export function columnWidths(
  rows: readonly (readonly string[])[],
  least: readonly number[] = [],
): number[] {
  return (rows[0] ?? []).map((_, column) =>
    Math.max(least[column] ?? 0, ...rows.map((row) => width(row[column] ?? ''))),
  );
}

/** The width of a table with columns of these widths. */
export function tableWidth(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one, 0) + GAP.length * Math.max(0, widths.length - 1);
}

const GAP = '  ';

function width(text: string): number {
  return stripVTControlCharacters(text).length;
}
