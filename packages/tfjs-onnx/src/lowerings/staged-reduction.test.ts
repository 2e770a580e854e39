import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { encodeModel } from '../onnx/encode-model.js';
import { OnnxGraphBuilder, type OnnxValue } from '../onnx/onnx-graph.js';
import { Lowering } from './lowering.js';
import { reduceInStages } from './staged-reduction.js';

/** Shape, axes, and the shapes that the stages are given. */
const cases: readonly [string, number[], number[], number[][]][] = [
  ['all, by the largest divisor up to 2048', [3, 64, 100], [0, 1, 2], [[10, 1920], [10]]],
  [
    'images with channels second',
    [16, 5, 28, 28],
    [0, 2, 3],
    [
      [16, 5, 784],
      [16, 5],
    ],
  ],
  [
    'images with channels last',
    [16, 28, 28, 5],
    [0, 1, 2],
    [
      [7, 1792, 5],
      [7, 5],
    ],
  ],
  [
    'columns',
    [5000, 3],
    [0],
    [
      [4, 1250, 3],
      [4, 3],
    ],
  ],
  [
    'two axes apart',
    [2, 70, 3, 3000],
    [1, 3],
    [
      [2, 70, 3, 2, 1500],
      [2, 70, 3, 2],
    ],
  ],
  [
    'one of two axes first',
    [2, 2100, 1, 30],
    [1, 3],
    [
      [2, 2100, 1, 30],
      [2, 2100, 1],
    ],
  ],
];

test.each(cases)('%s', async (_name, shape, axes, stages) => {
  const x: OnnxValue = { name: 'x', shape, dtype: 'float32' };
  const builder = new OnnxGraphBuilder({ shareShapes: true });
  const l = new Lowering(builder, { anyBatch: false, target: 'webgpu' });
  const seen: number[][] = [];
  const sum = reduceInStages(l, x, axes, (value, over) => {
    seen.push([...value.shape]);
    const left = value.shape.filter((_, axis) => !over.includes(axis));
    const type = { shape: left, dtype: value.dtype };
    return l.emit('ReduceSum', [value, l.ints(over)], { keepdims: 0 }, type);
  });
  expect(seen).toEqual(stages);

  // Whole numbers, whose sums are exact in any order.
  const data = Float32Array.from(
    { length: shape.reduce((a, b) => a * b, 1) },
    (_, i) => (i * 7) % 5,
  );
  const left = shape.filter((_, axis) => !axes.includes(axis));
  const want = new Float32Array(left.reduce((a, b) => a * b, 1));
  data.forEach((value, i) => {
    let [rest, at, scale] = [i, 0, 1];
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const size = shape[axis]!;
      if (!axes.includes(axis)) {
        at += (rest % size) * scale;
        scale *= size;
      }
      rest = Math.floor(rest / size);
    }
    want[at]! += value;
  });
  const { nodes, initializers } = builder;
  const graph = { inputs: [x], outputs: [sum!], nodes, initializers };
  const session = await ort.InferenceSession.create(
    encodeModel(graph, { name: 'stages', inputs: [x], outputs: [sum!] }),
  );
  const results = await session.run({ x: new ort.Tensor('float32', data, shape) });
  await session.release();
  expect(results[sum!.name]!.dims).toEqual(left);
  expect(results[sum!.name]!.data).toEqual(want);
});

test('stays as it is with few numbers, with many results, or with a prime number of them', () => {
  const l = new Lowering(new OnnxGraphBuilder({ shareShapes: true }), {
    anyBatch: false,
    target: 'webgpu',
  });
  const none = (): never => {
    throw new Error('no stage was expected');
  };
  const x = (shape: number[]): OnnxValue => ({ name: 'x', shape, dtype: 'float32' });
  expect(reduceInStages(l, x([40, 100]), [0, 1], none)).toBeNull();
  expect(reduceInStages(l, x([5000, 5000]), [1], none)).toBeNull();
  expect(reduceInStages(l, x([10007]), [0], none)).toBeNull();
});
