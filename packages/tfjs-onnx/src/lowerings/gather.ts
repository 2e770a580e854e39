import { backend_util, util } from '@tensorflow/tfjs-core';
import { sizeOf, type TensorType } from '../graph/graph.js';
import { asTensor } from './as-tensor.js';
import { checked, defineKernel, operand, result, type Call, type Kernel } from './kernel.js';
import { axisIn } from './lowering.js';

interface GatherAttrs {
  readonly axis: number;
  readonly batchDims?: number;
}

interface OneHotAttrs {
  readonly depth: number;
  readonly onValue: number;
  readonly offValue: number;
  readonly dtype?: string;
}

/** Choosing entries by index, and indices as vectors. */
export const gathers: readonly Kernel[] = [
  defineKernel<GatherAttrs>({
    name: 'GatherV2',
    infer: (call): TensorType => ({
      shape: gatherInfo(call).outputShape,
      dtype: operand(call, 'x').dtype,
    }),
    lower: (node, l) => {
      const [x, indices, out] = [operand(node, 'x'), operand(node, 'indices'), result(node)];
      const { batchSize, outerSize, dimSize, sliceSize } = gatherInfo(node);
      if (batchSize > 1) {
        const taken = sizeOf(indices.shape) / batchSize;
        const split = l.reshape(l.plain(x), [batchSize, outerSize, dimSize, sliceSize]);
        const at = l.reshape(l.cast(l.plain(indices), 'int64'), [batchSize, taken, 1]);
        const type = { shape: [batchSize, taken, outerSize, sliceSize], dtype: x.dtype };
        const rows = [l.transpose(split, [0, 2, 1, 3]), at];
        const gathered = l.emit('GatherND', rows, { batch_dims: 1 }, type);
        l.set(out, l.reshape(l.transpose(gathered, [0, 2, 1, 3]), out.shape));
        return;
      }
      const axis = axisOf(node);
      // With one index per entry the rank stays, and so may the layout.
      const flat = indices.shape.length === 1 && out.shape.length === x.shape.length;
      const layout = flat ? l.commonLayout([x]) : 'plain';
      const at = axisIn(layout, axis);
      const value = l.get(x, layout);
      const shape = [...value.shape.slice(0, at), ...indices.shape, ...value.shape.slice(at + 1)];
      const gathered = l.emit(
        'Gather',
        [value, l.plain(indices)],
        { axis: at },
        { shape, dtype: x.dtype },
      );
      if (flat) l.set(out, gathered, layout);
      else l.set(out, l.reshape(gathered, out.shape));
    },
    flop: () => 0,
  }),
  defineKernel<OneHotAttrs>({
    name: 'OneHot',
    infer: (call): TensorType => {
      const dtype =
        call.attrs.dtype === 'int32' || call.attrs.dtype === 'bool' ? call.attrs.dtype : 'float32';
      return { shape: [...operand(call, 'indices').shape, call.attrs.depth], dtype };
    },
    lower: (node, l) => {
      const [indices, out] = [operand(node, 'indices'), result(node)];
      const { depth, onValue, offValue } = node.attrs;
      const column = l.reshape(l.cast(l.plain(indices), 'int32'), [...indices.shape, 1]);
      const classes = l.constant(
        [depth],
        'int32',
        Array.from({ length: depth }, (_, i) => i),
      );
      const hit = l.map('Equal', [column, classes], { dtype: 'bool' });
      if (onValue === 1 && offValue === 0) l.set(out, l.cast(hit, out.dtype));
      else {
        const values = [hit, l.scalar(onValue, 'float32'), l.scalar(offValue, 'float32')];
        l.set(out, l.cast(l.map('Where', values, { dtype: 'float32' }), out.dtype));
      }
    },
  }),
];

function gatherInfo(
  call: Call<GatherAttrs>,
): ReturnType<typeof backend_util.segment_util.collectGatherOpShapeInfo> {
  const [x, indices] = [operand(call, 'x'), operand(call, 'indices')];
  return checked(call, () =>
    backend_util.segment_util.collectGatherOpShapeInfo(
      asTensor(x),
      asTensor(indices),
      axisOf(call),
      call.attrs.batchDims ?? 0,
    ),
  );
}

function axisOf(call: Call<GatherAttrs>): number {
  return util.parseAxisParam(call.attrs.axis, [...operand(call, 'x').shape])[0] ?? 0;
}
