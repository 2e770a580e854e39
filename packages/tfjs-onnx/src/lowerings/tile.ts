import type { TensorType } from '../graph/graph.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';
import { perAxisIn, typeIn } from './lowering.js';

/** Repetition. */
export const tiles: readonly Kernel[] = [
  defineKernel<{ reps: number[] }>({
    name: 'Tile',
    infer: (call): TensorType => {
      const { shape, dtype } = operand(call, 'x');
      return { shape: shape.map((size, i) => size * (call.attrs.reps[i] ?? 1)), dtype };
    },
    lower: (node, l) => {
      const [x, out] = [operand(node, 'x'), result(node)];
      const layout = l.commonLayout([x]);
      const reps = perAxisIn(layout, node.attrs.reps);
      l.set(out, l.emit('Tile', [l.get(x, layout), l.ints(reps)], {}, typeIn(layout, out)), layout);
    },
    flop: () => 0,
  }),
  defineKernel<{ shape: number[] }>({
    name: 'BroadcastTo',
    infer: (call): TensorType => ({ shape: call.attrs.shape, dtype: operand(call, 'x').dtype }),
    lower: (node, l) => {
      const [x, out] = [operand(node, 'x'), result(node)];
      const layout = x.shape.length === 4 ? l.commonLayout([x]) : 'plain';
      l.set(out, l.expand(l.get(x, layout), perAxisIn(layout, out.shape)), layout);
    },
    flop: () => 0,
  }),
];
