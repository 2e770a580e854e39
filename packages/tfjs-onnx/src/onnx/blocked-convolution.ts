// ONNX Runtime's fastest convolutions on processors keep channels in blocks as wide as a vector register: 16 numbers with AVX-512, 8
// with AVX2. Its optimiser uses them only for constant filters. A training step's filters change, so its graph names those kernels
// itself; they are internal to the runtime, so one is run and compared with known numbers first.
import type { OrtModule } from '../ort-module.js';
import { Lowering } from '../lowerings/lowering.js';
import { emitConvolution } from '../lowerings/emit-convolution.js';
import { encodeModel } from './encode-model.js';
import { OnnxGraphBuilder, type OnnxValue } from './onnx-graph.js';

const SIZE = 6;
const CHANNELS = 32;

/**
 * The number of channels that blocked convolutions take together here: 16, 8, or 0 if the runtime has none.
 *
 * A block counts only if convolutions with it, with and without groups, give the right numbers.
 */
export async function findBlock(ort: OrtModule): Promise<number> {
  for (const block of [16, 8]) {
    if ((await givesRightNumbers(ort, block, 1)) && (await givesRightNumbers(ort, block, 2)))
      return block;
  }
  return 0;
}

async function givesRightNumbers(ort: OrtModule, block: number, groups: number): Promise<boolean> {
  const shapes = {
    image: [1, CHANNELS, SIZE, SIZE],
    filter: [3, 3, CHANNELS / groups, CHANNELS],
    bias: [CHANNELS],
  };
  const [image, filter, bias] = Object.entries(shapes).map(([name, shape]): OnnxValue => ({
    name,
    shape,
    dtype: 'float32',
  }));
  if (image === undefined || filter === undefined || bias === undefined) return false;
  const builder = new OnnxGraphBuilder({ shareShapes: true });
  const lowering = new Lowering(builder, { anyBatch: false, target: 'cpu', block });
  lowering.startNode({ name: 'probe', source: 'probe' });
  const ones = [1, 1] as const;
  const result = emitConvolution(lowering, {
    ...{
      image,
      filter,
      bias,
      turned: false,
      kernel: [3, 3],
      strides: ones,
      dilations: ones,
      pads: [1, 1, 1, 1],
      groups,
    },
    shape: image.shape,
  });
  const inputs = [image, filter, bias];
  const graph = {
    inputs,
    outputs: [result],
    nodes: builder.nodes,
    initializers: builder.initializers,
  };
  const feeds = inputs.map(({ shape }, i) =>
    Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      (_, at) => ((at * (7 + 4 * i)) % 13) - 6,
    ),
  );
  try {
    // Errors are expected where there are no such kernels, so the runtime should not print them.
    const session = await ort.InferenceSession.create(
      encodeModel(graph, { name: 'probe', inputs, outputs: [result] }),
      {
        logSeverityLevel: 4,
        intraOpNumThreads: 1,
      },
    );
    try {
      const tensors = inputs.map(({ name, shape }, i) => [
        name,
        new ort.Tensor('float32', feeds[i] ?? new Float32Array(), shape),
      ]);
      const results = await session.run(
        Object.fromEntries(tensors) as Parameters<typeof session.run>[0],
      );
      return sameNumbers(results[result.name]?.data as Float32Array, convolve(feeds, groups));
    } finally {
      await session.release();
    }
  } catch {
    return false;
  }
}

/** All numbers are small whole ones, so that the sums are exact in any order. */
function sameNumbers(got: Float32Array, want: Float32Array): boolean {
  return got.length === want.length && want.every((value, i) => value === got[i]);
}

function convolve(
  [
    image = new Float32Array(),
    filter = new Float32Array(),
    bias = new Float32Array(),
  ]: Float32Array[],
  groups: number,
): Float32Array {
  const each = CHANNELS / groups;
  const at = (channel: number, y: number, x: number): number =>
    y < 0 || x < 0 || y >= SIZE || x >= SIZE ? 0 : (image[(channel * SIZE + y) * SIZE + x] ?? 0);
  return Float32Array.from({ length: CHANNELS * SIZE * SIZE }, (_, i) => {
    const [out, y, x] = [Math.floor(i / SIZE ** 2), Math.floor(i / SIZE) % SIZE, i % SIZE];
    const first = Math.floor(out / each) * each;
    let sum = bias[out] ?? 0;
    for (let tap = 0; tap < 9 * each; tap++) {
      const [row, column, channel] = [
        Math.floor(tap / (3 * each)),
        Math.floor(tap / each) % 3,
        first + (tap % each),
      ];
      sum += at(channel, y + row - 1, x + column - 1) * (filter[tap * CHANNELS + out] ?? 0);
    }
    return sum;
  });
}
