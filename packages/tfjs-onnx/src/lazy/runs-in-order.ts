import { createNode } from '../graph/graph.js';
import type { ProgramCache } from './program-cache.js';
import { inputName, outputName, type SessionRunner } from './session-runner.js';
import { inputValue } from './slot.js';

/**
 * Whether runs that are begun together happen in order and write into the arrays they are given, so that one may read what the one before
 * writes. Tried out with x + x, twice.
 */
export async function runsInOrder(cache: ProgramCache, runner: SessionRunner): Promise<boolean> {
  const type = { shape: [2], dtype: 'float32' as const };
  const x = inputValue(type);
  const sum = createNode('Add', 'probe', { a: x, b: x }, {}, [type]);
  const outputs = sum.outputs.map((value, i) => ({
    name: outputName(i),
    value,
    dtype: value.dtype,
  }));
  const program = await cache.build({
    inputs: [{ name: inputName(0), value: x, dtype: x.dtype }],
    nodes: [x.node, sum],
    outputs,
  });
  try {
    const once = runner.start(program, [{ ...type, data: Float32Array.of(1, -3) }], [type]);
    const twice = runner.start(
      program,
      [{ ...type, data: once.data[0] ?? new Float32Array(2) }],
      [type],
    );
    const ends = await Promise.allSettled([once.done, twice.done]);
    if (ends.some(({ status }) => status === 'rejected')) return false;
    return twice.data[0]?.[0] === 4 && twice.data[0][1] === -12;
  } catch {
    return false;
  } finally {
    await program.session.release();
  }
}
