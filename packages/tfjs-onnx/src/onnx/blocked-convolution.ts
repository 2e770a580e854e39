// ONNX Runtime's fastest convolutions on processors keep channels in blocks as wide as a vector register: 16 numbers with AVX-512, 8
// with AVX2. Its optimiser uses them only for constant filters. A training step's filters change, so its graph names those kernels
// itself; they are internal to the runtime, so one is run and compared with known numbers first.
import type { OrtModule } from '../ort-module.js';
import { fromBlocks, toBlocks } from '../lowerings/blocked-layout.js';
import { byHalves, type RowConvolution } from '../lowerings/fewer-products.js';
import { Lowering } from '../lowerings/lowering.js';
import { emitConvolution } from '../lowerings/emit-convolution.js';
import { encodeModel } from './encode-model.js';
import { OnnxGraphBuilder, type OnnxValue } from './onnx-graph.js';

const SIZE = 6;
const OUT = 32;

/** What is tried: whole blocks of channels and fewer than a block, strides, and groups. */
const TRIED = [
  { channels: 32, side: 3, stride: 1, groups: 1 },
  { channels: 32, side: 3, stride: 2, groups: 1 },
  { channels: 3, side: 6, stride: 2, groups: 1 },
  { channels: 32, side: 3, stride: 1, groups: 2 },
] as const;

type Tried = (typeof TRIED)[number];

/**
 * The number of channels that blocked convolutions take together here: 16, 8, or 0 if the runtime has none.
 *
 * A block counts only if convolutions with it give the right numbers.
 */
export async function findBlock(ort: OrtModule): Promise<number> {
  for (const block of [16, 8]) {
    if (await givesRightNumbers(ort, block)) return block;
  }
  return 0;
}

async function givesRightNumbers(ort: OrtModule, block: number): Promise<boolean> {
  const builder = new OnnxGraphBuilder({ shareShapes: true });
  const lowering = new Lowering(builder, { anyBatch: false, target: 'cpu', block });
  lowering.startNode({ name: 'probe', source: 'probe' });
  const inputs: OnnxValue[] = [];
  const input = (name: string, shape: number[]): OnnxValue => {
    const value = { name, shape, dtype: 'float32' as const };
    inputs.push(value);
    return value;
  };
  const outputs = TRIED.map(({ channels, side, stride, groups }, i) => {
    const size = sizeOf({ side, stride });
    const { before, after } = padsOf({ side, stride });
    return emitConvolution(lowering, {
      image: input(`image${i}`, [1, channels, SIZE, SIZE]),
      filter: input(`filter${i}`, [side, side, channels / groups, OUT]),
      bias: input(`bias${i}`, [OUT]),
      turned: false,
      kernel: [side, side],
      strides: [stride, stride],
      dilations: [1, 1],
      pads: [before, before, after, after],
      shape: [1, OUT, size, size],
      groups,
    });
  });
  outputs.push(halved(lowering, inputs));
  const { nodes, initializers } = builder;
  const data = inputs.map(({ shape }, i) =>
    Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      (_, at) => ((at * (7 + 4 * i)) % 13) - 6,
    ),
  );
  try {
    // Errors are expected where there are no such kernels, so the runtime should not print them.
    const session = await ort.InferenceSession.create(
      encodeModel({ inputs, outputs, nodes, initializers }, { name: 'probe', inputs, outputs }),
      { logSeverityLevel: 4, intraOpNumThreads: 1 },
    );
    try {
      const feeds = inputs.map(({ name, shape }, i) => [
        name,
        new ort.Tensor('float32', data[i] ?? new Float32Array(), shape),
      ]);
      const results = await session.run(
        Object.fromEntries(feeds) as Parameters<typeof session.run>[0],
      );
      return outputs.every(({ name }, i) => {
        const at = i % TRIED.length; // the last is the first in another form
        const want = convolve(TRIED[at] ?? TRIED[0], data.slice(3 * at));
        return sameNumbers(results[name]?.data as Float32Array, want);
      });
    } finally {
      await session.release();
    }
  } catch {
    return false;
  }
}

/** The first of those tried, by convolutions that start from given sums. */
function halved(l: Lowering, [image, filter, bias]: readonly OnnxValue[]): OnnxValue {
  if (image === undefined || filter === undefined || bias === undefined)
    throw new Error('nothing to try');
  const task: RowConvolution = {
    image: toBlocks(l, image),
    filter,
    bias,
    pads: [1, 1, 1, 1],
    size: [SIZE, SIZE],
  };
  return fromBlocks(l, byHalves(l, task, 1));
}

/** Zeros around the image, as tfjs's `same` has them. */
function padsOf({ side, stride }: Pick<Tried, 'side' | 'stride'>): {
  before: number;
  after: number;
} {
  const all = Math.max(0, (sizeOf({ side, stride }) - 1) * stride + side - SIZE);
  return { before: Math.floor(all / 2), after: Math.ceil(all / 2) };
}

function sizeOf({ stride }: Pick<Tried, 'side' | 'stride'>): number {
  return Math.ceil(SIZE / stride);
}

/** All numbers are small whole ones, so that the sums are exact in any order. */
function sameNumbers(got: Float32Array, want: Float32Array): boolean {
  return got.length === want.length && want.every((value, i) => value === got[i]);
}

function convolve(
  { channels, side, stride, groups }: Tried,
  [
    image = new Float32Array(),
    filter = new Float32Array(),
    bias = new Float32Array(),
  ]: Float32Array[],
): Float32Array {
  const at = (channel: number, y: number, x: number): number =>
    y < 0 || x < 0 || y >= SIZE || x >= SIZE ? 0 : (image[(channel * SIZE + y) * SIZE + x] ?? 0);
  const size = sizeOf({ side, stride });
  const { before } = padsOf({ side, stride });
  return Float32Array.from({ length: OUT * size * size }, (_, i) => {
    const [out, y, x] = [Math.floor(i / size ** 2), Math.floor(i / size) % size, i % size];
    const read = channels / groups;
    const from = Math.floor(out / (OUT / groups)) * read; // the first channel of the group
    let sum = bias[out] ?? 0;
    for (let tap = 0; tap < side * side * read; tap++) {
      const [row, column, channel] = [
        Math.floor(tap / (side * read)),
        Math.floor(tap / read) % side,
        tap % read,
      ];
      sum +=
        at(from + channel, stride * y + row - before, stride * x + column - before) *
        (filter[tap * OUT + out] ?? 0);
    }
    return sum;
  });
}
