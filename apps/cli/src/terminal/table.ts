import { stripVTControlCharacters } from 'node:util';

/** Rows as aligned columns; numbers to the right. The first row is the heading. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => width(row[column] ?? ''))),
  );
  const rightward = widths.map((_, column) =>
    rows
      .slice(1)
      .every((row) =>
        /^[\d\s.,~–-]*( \p{L}+)?$/u.test(stripVTControlCharacters(row[column] ?? '')),
      ),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const space = ' '.repeat(widths[column]! - width(cell));
          return rightward[column] ? space + cell : cell + space;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function width(text: string): number {
  return stripVTControlCharacters(text).length;
}
