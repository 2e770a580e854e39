import type { TensorType } from '../graph/graph.js';
import { defineKernel, operand, result, type Call, type Kernel } from './kernel.js';
import { axisIn, perAxisIn, typeIn } from './lowering.js';

interface PadAttrs {
  readonly paddings: readonly (readonly [number, number])[];
}

/** Borders of a constant (PadV2), or mirrored with or without the edge itself (MirrorPad). */
export const pads: readonly Kernel[] = [
  defineKernel<PadAttrs & { constantValue: number }>({
    name: 'PadV2',
    infer: padded,
    lower: (node, l) => {
      const [x, out] = [operand(node, 'x'), result(node)];
      const layout = l.commonLayout([x]);
      const paddings = perAxisIn(layout, node.attrs.paddings);
      const amounts = l.ints([
        ...paddings.map(([before]) => before),
        ...paddings.map(([, after]) => after),
      ]);
      const value = l.scalar(node.attrs.constantValue, out.dtype);
      l.set(
        out,
        l.emit(
          'Pad',
          [l.get(x, layout), amounts, value],
          { mode: 'constant' },
          typeIn(layout, out),
        ),
        layout,
      );
    },
    flop: () => 0,
  }),
  defineKernel<PadAttrs & { mode: 'reflect' | 'symmetric' }>({
    name: 'MirrorPad',
    infer: padded,
    lower: (node, l) => {
      const x = operand(node, 'x');
      const layout = l.commonLayout([x]);
      const edge = node.attrs.mode === 'symmetric' ? 1 : 0;
      const shape = perAxisIn(layout, x.shape);
      let value = l.get(x, layout);
      node.attrs.paddings.forEach(([before, after], plainAxis) => {
        if (before === 0 && after === 0) return;
        const size = x.shape[plainAxis] ?? 1;
        const indices = Array.from({ length: before + size + after }, (_, i) =>
          mirrored(i - before, size, edge),
        );
        const axis = axisIn(layout, plainAxis);
        shape[axis] = indices.length;
        value = l.emit(
          'Gather',
          [value, l.ints(indices)],
          { axis },
          { shape: [...shape], dtype: x.dtype },
        );
      });
      l.set(result(node), value, layout);
    },
    flop: () => 0,
  }),
];

function padded(call: Call<PadAttrs>): TensorType {
  const { shape, dtype } = operand(call, 'x');
  return {
    shape: shape.map(
      (size, i) => size + (call.attrs.paddings[i]?.[0] ?? 0) + (call.attrs.paddings[i]?.[1] ?? 0),
    ),
    dtype,
  };
}

/** The index inside [0, size) that a position beyond the edge mirrors; `edge` is 1 if the edge itself is repeated. */
function mirrored(position: number, size: number, edge: 0 | 1): number {
  if (position < 0) return -position - edge;
  return position >= size ? 2 * (size - 1) - position + edge : position;
}
