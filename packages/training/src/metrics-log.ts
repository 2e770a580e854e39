// metrics.jsonl: one row of plain data per line, in the order of steps.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Json } from '@lapyra/core';
import { onDiskSync, writeDurably } from './durable-file.js';

export type MetricsRow = Readonly<Record<string, Json>> & { readonly step: number };

export interface MetricsLog {
  /** Add a row. A disk that is full is reported once; training goes on, for its checkpoints matter more. */
  append(row: MetricsRow): void;
}

/**
 * Open a level's log, cut back to `step`: rows of later steps, and a last row that was cut off, are removed.
 *
 * @param notice is told, once, if rows cannot be written
 * @throws {LapyraError} `LAPYRA_FILE_WRITE` if it cannot be cut back
 */
export async function openMetricsLog(
  file: string,
  step: number,
  notice: (text: string) => void,
): Promise<MetricsLog> {
  if (existsSync(file)) {
    const text = onDiskSync(file, () => readFileSync(file, 'utf8'));
    const kept = text
      .split('\n')
      .filter((line) => stepOf(line) <= step)
      .map((line) => `${line}\n`)
      .join('');
    if (kept !== text) await writeDurably(file, [Buffer.from(kept)]);
  }
  let failed = false;
  return {
    append: (row) => {
      if (failed) return;
      try {
        appendFileSync(file, `${JSON.stringify(row)}\n`);
      } catch (error) {
        failed = true;
        notice(`${file}: no more rows are written: ${(error as Error).message}`);
      }
    },
  };
}

/** Infinity for a line that is no whole row. */
function stepOf(line: string): number {
  try {
    const { step } = JSON.parse(line) as { readonly step?: unknown };
    return typeof step === 'number' ? step : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
