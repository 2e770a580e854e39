import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { beforeAll, expect, test } from 'vitest';
import { compile } from '../compile.js';
import type { TensorFunction } from '../tensor-function.js';
import { trace } from '../tracer/trace.js';
import type { Graph } from './graph.js';
import { joinUpdates } from './join-updates.js';
import { simplify } from './simplify.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const SHAPES = { a: [2, 3], b: [4], c: [3, 1, 2], d: [5], large: [5, 5] };
type Name = keyof typeof SHAPES;
const names = Object.keys(SHAPES) as Name[];
const float32 = (shape: number[]) => ({ shape, dtype: 'float32' as const });
const inputs = {
  rate: float32([]),
  ...Object.fromEntries(
    names.flatMap((name) => [
      [`w.${name}`, float32(SHAPES[name])],
      [`m.${name}`, float32(SHAPES[name])],
    ]),
  ),
};

/** Momentum on a gradient that hangs on all weights; the old state where something is not finite. */
const step: TensorFunction = (given) => {
  const total = tf.addN(names.map((name) => tf.sum(tf.square(given[`w.${name}`]!))));
  const next: Record<string, tf.Tensor> = {};
  for (const name of names) {
    const [w, m] = [given[`w.${name}`]!, given[`m.${name}`]!];
    const gradient = tf.mul(tf.tanh(w), total);
    const moved = tf.add(tf.mul(m, 0.9), tf.mul(gradient, 0.1));
    next[`m.${name}`] = moved;
    next[`w.${name}`] = tf.sub(w, tf.mul(moved, given['rate']!));
  }
  const good = tf.lessEqual(tf.abs(tf.addN(Object.values(next).map((x) => tf.sum(x)))), 1e30);
  return Object.fromEntries(
    Object.entries(next).map(([name, value]) => [name, tf.where(good, value, given[name]!)]),
  );
};

const graphOf = (
  fn: TensorFunction,
  types: typeof inputs | Record<string, ReturnType<typeof float32>>,
): Graph => simplify(trace(fn, { inputs: types }));
const count = ({ nodes }: Graph, kernel: string): number =>
  nodes.filter((node) => node.kernel === kernel).length;

test('makes one update of those of small tensors', () => {
  const graph = graphOf(step, inputs);
  const joined = joinUpdates(graph, 6);
  // Of five updates four become one: tanh once for the four, once for the large tensor; selections likewise, of weights and of momenta.
  expect([count(graph, 'Tanh'), count(joined, 'Tanh')]).toEqual([5, 2]);
  expect([count(graph, 'Select'), count(joined, 'Select')]).toEqual([10, 4]);
  expect(count(joined, 'Concat')).toBe(2); // weights and momenta
  expect(joined.outputs.map(({ name }) => name)).toEqual(graph.outputs.map(({ name }) => name));
  // Operations come after what they read.
  const seen = new Set<unknown>();
  for (const node of joined.nodes) {
    for (const value of Object.values(node.inputs)) expect(seen).toContain(value.node);
    seen.add(node);
  }
});

test('leaves alone what differs in a number, and what is too large', () => {
  const rates: TensorFunction = ({ a, b }) => {
    const update = (x: tf.Tensor, rate: number): tf.Tensor =>
      tf.sub(x, tf.mul(tf.add(tf.tanh(x), tf.sin(x)), rate));
    return { a: update(a!, 0.1), b: update(b!, 0.2) };
  };
  const graph = graphOf(rates, { a: float32([3]), b: float32([2]) });
  expect(joinUpdates(graph, 100)).toBe(graph);
  const all = graphOf(step, inputs);
  expect(joinUpdates(all, 3)).toBe(all);
});

test('leaves alone an update that needs the result of another', () => {
  const chained: TensorFunction = ({ a, b }) => {
    const update = (x: tf.Tensor): tf.Tensor => tf.sub(x, tf.mul(tf.tanh(x), tf.sin(x)));
    const first = update(a!);
    // By a product of matrices, which is no elementwise operation.
    const second = update(tf.matMul(b!, first));
    return { a: first, b: second };
  };
  const graph = graphOf(chained, { a: float32([2, 2]), b: float32([3, 2]) });
  expect(count(graph, 'Tanh')).toBe(2);
  expect(joinUpdates(graph, 100)).toBe(graph);
});

test.each([true, false])('gives what tfjs computes (deferSelects %s)', async (deferSelects) => {
  const compiled = await compile(step, { inputs, ort, deferSelects });
  for (const bad of [false, true]) {
    const given = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape }], at) => {
        const size = shape.reduce((a, b) => a * b, 1);
        const data = Float32Array.from({ length: size }, (_, i) => Math.sin(3 * at + i));
        if (bad && name === 'm.b') data[2] = Number.NaN;
        return [name, { shape, dtype: 'float32' as const, data }];
      }),
    );
    const want = tf.tidy(() => {
      const tensors = Object.entries(given).map(([name, { data, shape }]) => [
        name,
        tf.tensor(data, shape),
      ]);
      return Object.entries(step(Object.fromEntries(tensors))).map(
        ([name, x]) => [name, x.dataSync()] as const,
      );
    });
    const got = await compiled.run(given);
    for (const [name, data] of want) {
      expect(got[name]!.dims).toEqual(inputs[name as keyof typeof inputs]!.shape);
      const values = [...(got[name]!.data as Float32Array)];
      const updated = Array.from(data, (value) => expect.closeTo(value, 5) as number);
      expect(values).toEqual(bad ? [...given[name]!.data] : updated);
    }
  }
  await compiled.dispose();
});
