import { sizeOf, type TensorType } from '../graph/graph.js';
import { defineKernel, operand, type Kernel } from './kernel.js';

interface TopKAttrs {
  readonly k: number;
  readonly sorted: boolean;
}

/** The largest numbers along the last axis, from large to small, and where they are; the first of equals comes first. */
export const topKs: readonly Kernel[] = [
  defineKernel<TopKAttrs>({
    name: 'TopK',
    infer: (call): TensorType[] => {
      const { shape, dtype } = operand(call, 'x');
      const largest = [...shape.slice(0, -1), call.attrs.k];
      return [
        { shape: largest, dtype },
        { shape: largest, dtype: 'int32' },
      ];
    },
    lower: (node, l) => {
      const x = l.plain(operand(node, 'x'));
      const numbers = x.dtype === 'bool' ? l.cast(x, 'int32') : x;
      const [values, at] = node.outputs;
      if (values === undefined || at === undefined) throw new Error('TopK has two outputs');
      // Without `sorted` any order is allowed: this one, too.
      const [largest, places] = l.emitAll(
        'TopK',
        [numbers, l.ints([node.attrs.k])],
        { axis: -1, largest: 1, sorted: 1 },
        [
          { shape: values.shape, dtype: numbers.dtype },
          { shape: at.shape, dtype: 'int64' },
        ],
      );
      if (largest === undefined || places === undefined) throw new Error('TopK gives two values');
      l.set(values, l.cast(largest, values.dtype));
      l.set(at, l.cast(places, 'int32'));
    },
    flop: (node) => sizeOf(operand(node, 'x').shape),
  }),
];
