import { backend_util } from '@tensorflow/tfjs-core';
import { sizeOf, type TensorType } from '../graph/graph.js';
import { defineKernel, operand, result, type Call, type Kernel } from './kernel.js';
import { perAxisIn } from './lowering.js';

interface BlockAttrs {
  readonly blockShape: number[];
}

/** Moving elements between channels, batch and space. */
export const spaces: readonly Kernel[] = [
  defineKernel<{ blockSize: number; dataFormat: 'NHWC' | 'NCHW' }>({
    name: 'DepthToSpace',
    infer: (call): TensorType => {
      const { shape, dtype } = operand(call, 'x');
      const { blockSize: block, dataFormat } = call.attrs;
      const first = dataFormat === 'NCHW';
      const [batch = 1, height = 1, width = 1, channels = 1] = first
        ? [shape[0], shape[2], shape[3], shape[1]]
        : shape;
      const size = [height * block, width * block];
      const left = channels / block ** 2;
      return { shape: first ? [batch, left, ...size] : [batch, ...size, left], dtype };
    },
    lower: (node, l) => {
      const [x, out] = [operand(node, 'x'), result(node)];
      const layout = node.attrs.dataFormat === 'NCHW' ? 'plain' : 'nchw';
      const attrs = { blocksize: node.attrs.blockSize, mode: 'DCR' };
      const type = { shape: perAxisIn(layout, out.shape), dtype: x.dtype };
      l.set(out, l.emit('DepthToSpace', [l.get(x, layout)], attrs, type), layout);
    },
    flop: () => 0,
  }),
  defineKernel<BlockAttrs & { paddings: [number, number][] }>({
    name: 'SpaceToBatchND',
    infer: (call): TensorType => {
      const padded = paddedShape(call);
      const { blockShape } = call.attrs;
      const shape = padded.map((size, i) =>
        i === 0 ? size * sizeOf(blockShape) : size / (blockShape[i - 1] ?? 1),
      );
      return { shape, dtype: operand(call, 'x').dtype };
    },
    lower: (node, l) => {
      const x = operand(node, 'x');
      const { blockShape, paddings } = node.attrs;
      const padded = paddedShape(node);
      const all = [[0, 0], ...paddings, ...padded.slice(1 + paddings.length).map(() => [0, 0])];
      const amounts = l.ints([
        ...all.map(([before = 0]) => before),
        ...all.map(([, after = 0]) => after),
      ]);
      const value = l.emit(
        'Pad',
        [l.plain(x), amounts, l.scalar(0, x.dtype)],
        { mode: 'constant' },
        { shape: padded, dtype: x.dtype },
      );
      const split = backend_util.getReshaped(padded, blockShape, sizeOf(blockShape), false);
      const perm = backend_util.getPermuted(split.length, blockShape.length, false);
      l.set(
        result(node),
        l.reshape(l.transpose(l.reshape(value, split), perm), result(node).shape),
      );
    },
    flop: () => 0,
  }),
  defineKernel<BlockAttrs & { crops: [number, number][] }>({
    name: 'BatchToSpaceND',
    infer: (call): TensorType => {
      const joined = joinedShape(call);
      const shape = joined.map(
        (size, i) =>
          size - (call.attrs.crops[i - 1]?.[0] ?? 0) - (call.attrs.crops[i - 1]?.[1] ?? 0),
      );
      return { shape, dtype: operand(call, 'x').dtype };
    },
    lower: (node, l) => {
      const [x, out] = [operand(node, 'x'), result(node)];
      const { blockShape, crops } = node.attrs;
      const split = backend_util.getReshaped([...x.shape], blockShape, sizeOf(blockShape));
      const perm = backend_util.getPermuted(split.length, blockShape.length);
      const joined = l.reshape(l.transpose(l.reshape(l.plain(x), split), perm), joinedShape(node));
      const starts = crops.map(([before]) => before);
      const ends = starts.map((start, i) => start + (out.shape[i + 1] ?? 1));
      const axes = crops.map((_, i) => i + 1);
      l.set(out, l.emit('Slice', [joined, l.ints(starts), l.ints(ends), l.ints(axes)], {}, out));
    },
    flop: () => 0,
  }),
];

function paddedShape(call: Call<{ paddings: [number, number][] }>): number[] {
  const { shape } = operand(call, 'x');
  return shape.map(
    (size, i) =>
      size + (call.attrs.paddings[i - 1]?.[0] ?? 0) + (call.attrs.paddings[i - 1]?.[1] ?? 0),
  );
}

function joinedShape(call: Call<BlockAttrs>): number[] {
  const { shape } = operand(call, 'x');
  const { blockShape } = call.attrs;
  return shape.map((size, i) =>
    i === 0 ? size / sizeOf(blockShape) : size * (blockShape[i - 1] ?? 1),
  );
}
