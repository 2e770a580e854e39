import type { Json } from '@lapyra/core';

/** One place where two pieces of plain data differ; `undefined` where there is nothing. */
export interface Difference {
  /** As in code: `levels[1].model.options.width`. */
  readonly path: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
}

/** Where two pieces of plain data differ, in the order of `before`, then what only `after` has. */
export function configDifferences(
  before: Json | undefined,
  after: Json | undefined,
  path = '',
): Difference[] {
  if (before === after) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, i) =>
      configDifferences(
        before[i] as Json | undefined,
        after[i] as Json | undefined,
        `${path}[${i}]`,
      ),
    ).flat();
  }
  if (isRecord(before) && isRecord(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) =>
      configDifferences(before[key], after[key], path === '' ? key : `${path}.${key}`),
    );
  }
  return [{ path, before, after }];
}

/** `levels[1].model.options.width: 64 → 128`. */
export function formatDifference({ path, before, after }: Difference): string {
  return `${path}: ${show(before)} → ${show(after)}`;
}

function show(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
