import type { TensorType, Value } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';
import { everyAlong } from './slice.js';

interface ShuffleAttrs {
  readonly factor: number;
}

/** An image with channels first and what it consists of: coarse pixels of factor × factor fine ones. */
interface Shuffle {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  /** Channels of the fine image. */
  readonly channels: number;
  readonly factor: number;
}

/** Channels to pixels in Torch's order and back, which `shuffledPixels` makes of transposes of six axes. */
export const pixelShuffles: readonly Kernel[] = [
  defineKernel<ShuffleAttrs>({
    name: 'PixelShuffle',
    infer: (call): TensorType => {
      const { shape, dtype } = operand(call, 'x');
      const [batch = 1, height = 1, width = 1, channels = 1] = shape;
      const { factor } = call.attrs;
      return { shape: [batch, height * factor, width * factor, channels / factor ** 2], dtype };
    },
    lower: (node, l) => {
      const [batch = 1, height = 1, width = 1, all = 1] = operand(node, 'x').shape;
      const { factor } = node.attrs;
      const sizes = { batch, height, width, channels: all / factor ** 2, factor };
      const x = operand(node, 'x');
      if (onChannelsFirst(l, x)) l.set(result(node), shuffle(l, sizes, l.nchw(x)), 'nchw');
      else {
        const parts = l.reshape(l.plain(x), [batch, height, width, sizes.channels, factor, factor]);
        l.set(result(node), l.reshape(l.transpose(parts, [0, 1, 4, 2, 5, 3]), result(node).shape));
      }
    },
    flop: () => 0,
  }),
  defineKernel<ShuffleAttrs>({
    name: 'PixelUnshuffle',
    infer: (call): TensorType => {
      const { shape, dtype } = operand(call, 'x');
      const [batch = 1, height = 1, width = 1, channels = 1] = shape;
      const { factor } = call.attrs;
      return { shape: [batch, height / factor, width / factor, channels * factor ** 2], dtype };
    },
    lower: (node, l) => {
      const [batch = 1, height = 1, width = 1, channels = 1] = operand(node, 'x').shape;
      const { factor } = node.attrs;
      const sizes = { batch, height: height / factor, width: width / factor, channels, factor };
      const x = operand(node, 'x');
      if (onChannelsFirst(l, x)) l.set(result(node), unshuffle(l, sizes, l.nchw(x)), 'nchw');
      else {
        const split = [batch, sizes.height, factor, sizes.width, factor, channels];
        const parts = l.transpose(l.reshape(l.plain(x), split), [0, 1, 3, 5, 2, 4]);
        l.set(result(node), l.reshape(parts, result(node).shape));
      }
    },
    flop: () => 0,
  }),
];

/** The two moves are for processors: other providers transpose six axes at once, and WebGPU's leaves some of the rest to the processor. */
function onChannelsFirst(l: Lowering, x: Value): boolean {
  return l.target === 'cpu' && l.hasNchw(x);
}

// ONNX Runtime moves one axis at a time fast, and several slowly, in DepthToSpace too; and of the moves that set single numbers apart
// joining lists of them and turning a whole matrix are three and more times quicker than turning many small matrices.

function shuffle(l: Lowering, sizes: Shuffle, x: OnnxValue): OnnxValue {
  const { batch, height, width, channels, factor } = sizes;
  const lines = batch * channels * factor;
  const all = l.reshape(x, [lines, factor, height * width]); // [B·C·i, j, h·w]
  const columns = Array.from({ length: factor }, (_, at) =>
    l.reshape(everyAlong(l, all, 1, at, 1, 1), [lines, height * width, 1]),
  );
  const type = { shape: [lines, height * width, factor], dtype: x.dtype };
  const wide = l.reshape(l.emit('Concat', columns, { axis: 2 }, type), [
    ...[batch * channels, factor, height],
    width * factor,
  ]); // [B·C, i, h, w·j]
  const rows = l.transpose(wide, [0, 2, 1, 3]); // [B·C, h, i, w·j]
  return l.reshape(rows, [batch, channels, height * factor, width * factor]);
}

function unshuffle(l: Lowering, sizes: Shuffle, x: OnnxValue): OnnxValue {
  const { batch, height, width, channels, factor } = sizes;
  const rows = l.reshape(x, [batch * channels, height, factor, width * factor]); // [B·C, h, i, w·j]
  const lines = batch * channels * factor;
  const pixels = l.reshape(l.transpose(rows, [0, 2, 1, 3]), [lines * height * width, factor]); // [B·C·i·h·w, j]
  const columns = l.reshape(l.transpose(pixels, [1, 0]), [factor, lines, height * width]);
  const planes = l.transpose(columns, [1, 0, 2]); // [B·C·i, j, h·w]
  return l.reshape(planes, [batch, channels * factor ** 2, height, width]);
}
