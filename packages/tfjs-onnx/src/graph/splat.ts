import type { Value } from './graph.js';

/** The number that all elements of a value have, if the graph knows it. */
export function splatOf(value: Value): number | null {
  const fill: unknown = value.node.kernel === 'Fill' ? value.node.attrs['value'] : null;
  return typeof fill === 'number' ? fill : null;
}

/** A number as the given type stores it. */
export function storedAs(dtype: Value['dtype'], value: number): number {
  if (dtype === 'float32') return Math.fround(value);
  return dtype === 'int32' ? Math.trunc(value) | 0 : Number(value !== 0);
}
