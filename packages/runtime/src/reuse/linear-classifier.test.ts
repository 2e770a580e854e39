import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { type Engine, randomStream } from '@lapyra/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classifyLinearly, type LabelledVectors } from './linear-classifier.js';

let engine: Engine;
beforeAll(async () => {
  const backend = await onnxruntimeCpu.plugin.create({}, undefined);
  engine = await backend.open({ threads: 1 });
});
afterAll(() => engine.dispose());

/** Normal vectors of three numbers, of which the first is a hundred times as large, and what class each is. */
function vectors(
  count: number,
  seed: number,
  classOf: (x: Float32Array) => number,
): LabelledVectors {
  const numbers = randomStream(seed).normal(count * 3);
  const labels = Array.from({ length: count }, (_, at) =>
    classOf(numbers.subarray(at * 3, at * 3 + 3)),
  );
  return {
    vectors: numbers.map((value, at) => (at % 3 === 0 ? 100 * value + 500 : value)),
    labels,
  };
}

const accuracy = async (classOf: (x: Float32Array) => number, classes: number): Promise<number> => {
  const [train, test] = [vectors(2000, 1, classOf), vectors(1000, 2, classOf)];
  return (await classifyLinearly(engine, train, test, classes, 1)).accuracy;
};

describe('classifyLinearly', () => {
  it('tells classes that a plane parts, whatever the scale of the numbers', async () => {
    expect(await accuracy(([a, b]) => (a! + b! > 0 ? 1 : 0), 2)).toBeGreaterThan(0.97);
    // Three sectors around the origin, which softmax regression can part.
    expect(await accuracy(([a, b]) => (Math.abs(b!) < a! ? 0 : b! > 0 ? 1 : 2), 3)).toBeGreaterThan(
      0.9,
    );
  });

  it('does not tell what no plane parts: quadrants, or chance', async () => {
    // Opposite quadrants: a plane past the origin has little more than half of them on its right side.
    expect(await accuracy(([a, b]) => (a! * b! > 0 ? 1 : 0), 2)).toBeLessThan(0.7);
    // Half of all, with a deviation of √(1/4/1000) = 0.016.
    const coin = randomStream(3).integers(3000, 2);
    let thrown = 0;
    expect(await accuracy(() => coin[thrown++]!, 2)).toBeLessThan(0.56);
  });

  it('gives the same again', async () => {
    const [train, test] = [vectors(300, 1, ([a]) => (a! > 0 ? 1 : 0)), vectors(300, 2, ([a]) => (a! > 0.2 ? 1 : 0))]; // prettier-ignore
    const first = await classifyLinearly(engine, train, test, 2, 5);
    expect(await classifyLinearly(engine, train, test, 2, 5)).toEqual(first);
  });
});
