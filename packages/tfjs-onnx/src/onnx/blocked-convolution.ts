// ONNX Runtime's fastest convolutions on processors keep channels in blocks as wide as a vector register: 16 numbers with AVX-512, 8
// with AVX2. Its optimiser uses them only for constant filters. A training step's filters change, so its graph names those kernels
// itself; they are internal to the runtime, so one is run and compared with known numbers first.
import type { OrtModule } from '../ort-module.js';
import { blockedConv, blockedFilter, fromBlocks, toBlocks } from '../lowerings/blocked-layout.js';
import { byHalves, type RowConvolution } from '../lowerings/fewer-products.js';
import { Lowering } from '../lowerings/lowering.js';
import { emitConvolution } from '../lowerings/emit-convolution.js';
import { encodeModel } from './encode-model.js';
import { OnnxGraphBuilder, type OnnxValue } from './onnx-graph.js';

interface Tried {
  /** Height and width of the image. */
  readonly size: number;
  readonly channels: number;
  readonly out: number;
  /** Height and width of the filter. */
  readonly side: number;
  readonly stride: number;
  readonly dilation: number;
  readonly groups: number;
}

const FIRST: Tried = { size: 6, channels: 32, out: 32, side: 3, stride: 1, dilation: 1, groups: 1 };

/**
 * What is tried, as the runtime has code of its own for each: strides, fewer channels than a block, groups, distances between taps, single
 * pixels with results that do not fill their last block, images so wide that the kernel itself sees to the columns beyond them, and
 * filters about as large as the image.
 */
const TRIED: readonly Tried[] = [
  FIRST,
  { ...FIRST, stride: 2 },
  { ...FIRST, channels: 3, side: 6, stride: 2 },
  { ...FIRST, groups: 2 },
  { ...FIRST, dilation: 2 },
  { ...FIRST, channels: 96, out: 20, side: 1 },
  { ...FIRST, size: 14, channels: 16, out: 16 },
  { ...FIRST, channels: 7, side: 5 },
  { ...FIRST, size: 9, side: 4, dilation: 2 },
];

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
  const outputs = TRIED.map((tried, i) => {
    const { size, channels, out, side, stride, dilation, groups } = tried;
    const { before, after } = padsOf(tried);
    return emitConvolution(lowering, {
      image: input(`image${i}`, [1, channels, size, size]),
      filter: input(`filter${i}`, [side, side, channels / groups, out]),
      bias: input(`bias${i}`, [out]),
      turned: false,
      kernel: [side, side],
      strides: [stride, stride],
      dilations: [dilation, dilation],
      pads: [before, before, after, after],
      shape: [1, out, sizeAfter(tried), sizeAfter(tried)],
      groups,
    });
  });
  outputs.push(halved(lowering, inputs));
  for (const [i, tried] of TRIED.entries())
    outputs.push(activated(lowering, tried, inputs.slice(3 * i)));
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
        // All as they are, the first by halves, and all with an activation.
        const at = i < TRIED.length ? i : Math.max(0, i - TRIED.length - 1);
        const want = convolve(TRIED[at] ?? FIRST, data.slice(3 * at));
        if (i > TRIED.length) want.forEach((value, j) => (want[j] = Math.max(0, value)));
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
    size: [FIRST.size, FIRST.size],
  };
  return fromBlocks(l, byHalves(l, task, 1));
}

/** A convolution with an activation in it. */
function activated(
  l: Lowering,
  tried: Tried,
  [image, filter, bias]: readonly OnnxValue[],
): OnnxValue {
  if (image === undefined || filter === undefined || bias === undefined)
    throw new Error('nothing to try');
  const { side, out, stride, dilation, groups, channels } = tried;
  const { before, after } = padsOf(tried);
  const attrs = {
    kernel_shape: [side, side],
    strides: [stride, stride],
    dilations: [dilation, dilation],
    pads: [before, before, after, after],
    group: groups,
    activation: 'Relu',
  };
  const options = { channels: out, size: [sizeAfter(tried), sizeAfter(tried)], attrs };
  const given = channels < l.block ? image : toBlocks(l, image).value;
  return fromBlocks(l, blockedConv(l, given, blockedFilter(l, filter), bias, options));
}

/** Zeros around the image, as tfjs's `same` has them. */
function padsOf(tried: Tried): { before: number; after: number } {
  const { size, side, stride, dilation } = tried;
  const reach = (side - 1) * dilation + 1;
  const all = Math.max(0, (sizeAfter(tried) - 1) * stride + reach - size);
  return { before: Math.floor(all / 2), after: Math.ceil(all / 2) };
}

/** Height and width of the result. */
function sizeAfter({ size, stride }: Tried): number {
  return Math.ceil(size / stride);
}

/** All numbers are small whole ones, so that the sums are exact in any order. */
function sameNumbers(got: Float32Array, want: Float32Array): boolean {
  return got.length === want.length && want.every((value, i) => value === got[i]);
}

/** In loops of the plainest kind: every process that compiles a graph waits for it. */
function convolve(
  tried: Tried,
  [
    image = new Float32Array(),
    filter = new Float32Array(),
    bias = new Float32Array(),
  ]: Float32Array[],
): Float32Array {
  const { size, channels, out: outChannels, side, stride, dilation, groups } = tried;
  const after = sizeAfter(tried);
  const { before } = padsOf(tried);
  const read = channels / groups;
  const result = new Float32Array(outChannels * after * after);
  let i = 0;
  for (let out = 0; out < outChannels; out++) {
    const from = Math.floor(out / (outChannels / groups)) * read; // the first channel of the group
    for (let y = 0; y < after; y++) {
      for (let x = 0; x < after; x++) result[i++] = sumOfTaps(out, from, y * stride, x * stride);
    }
  }
  return result;

  function sumOfTaps(out: number, from: number, y: number, x: number): number {
    let sum = bias[out] ?? 0;
    for (let row = 0; row < side; row++) {
      const top = y + row * dilation - before;
      if (top < 0 || top >= size) continue;
      for (let column = 0; column < side; column++) {
        const left = x + column * dilation - before;
        if (left < 0 || left >= size) continue;
        const tap = (row * side + column) * read;
        for (let channel = 0; channel < read; channel++) {
          const pixel = image[((from + channel) * size + top) * size + left] ?? 0;
          sum += pixel * (filter[(tap + channel) * outChannels + out] ?? 0);
        }
      }
    }
    return sum;
  }
}
