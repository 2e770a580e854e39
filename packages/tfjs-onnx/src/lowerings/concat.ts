import { backend_util, util } from '@tensorflow/tfjs-core';
import { sizeOf, type TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { checked, defineKernel, result, type Call, type Kernel } from './kernel.js';
import { axisIn, typeIn, type Lowering } from './lowering.js';

const FEW_CHANNELS = 8;

interface AxisAttrs {
  readonly axis: number;
}

/** Joining tensors along an axis that they have (Concat) or along a new one (Pack). */
export const concats: readonly Kernel[] = [
  defineKernel<AxisAttrs>({
    name: 'Concat',
    infer: (call): TensorType => {
      const parts = Object.values(call.inputs);
      const { shape, dtype } = first(call);
      const axis = checked(call, () => {
        const at = axisOf(call, shape.length);
        backend_util.assertParamsConsistent(
          parts.map((part) => [...part.shape]),
          at,
        );
        return at;
      });
      const joined = parts.reduce((sum, part) => sum + (part.shape[axis] ?? 0), 0);
      return { shape: shape.map((size, i) => (i === axis ? joined : size)), dtype };
    },
    lower: (node, l) => {
      const out = result(node);
      const parts = Object.values(node.inputs).filter(({ shape }) => sizeOf(shape) > 0);
      if (parts.length === 0) {
        l.set(out, l.constant(out.shape, out.dtype, []));
        return;
      }
      const joined = axisOf(node, out.shape.length);
      const layout = worthPlanes(l, out, joined) ? 'nchw' : l.commonLayout(parts);
      const axis = axisIn(layout, joined);
      const values = parts.map((part) => l.get(part, layout));
      const [only] = values;
      if (only !== undefined && values.length === 1) l.set(out, only, layout);
      else l.set(out, l.emit('Concat', values, { axis }, typeIn(layout, out)), layout);
    },
    flop: () => 0,
  }),
  defineKernel<AxisAttrs>({
    name: 'Pack',
    infer: (call): TensorType => {
      const { shape, dtype } = first(call);
      checked(call, () => {
        for (const part of Object.values(call.inputs)) {
          util.assertShapesMatch([...shape], [...part.shape], 'Expected tensors of one shape. ');
          util.assert(
            part.dtype === dtype,
            () => `expected tensors of one type, got ${dtype} and ${part.dtype}.`,
          );
        }
      });
      const axis = axisOf(call, shape.length + 1);
      return {
        shape: [...shape.slice(0, axis), Object.keys(call.inputs).length, ...shape.slice(axis)],
        dtype,
      };
    },
    lower: (node, l) => {
      const out = result(node);
      const axis = axisOf(node, out.shape.length);
      const slice = out.shape.map((size, i) => (i === axis ? 1 : size));
      const values = Object.values(node.inputs).map((part) => l.reshape(l.plain(part), slice));
      l.set(out, l.emit('Concat', values, { axis }, out));
    },
    flop: () => 0,
  }),
];

/** The runtime joins the few channels of each pixel one pixel at a time: moving channels to the front and back takes half as long. */
function worthPlanes(l: Lowering, { shape }: TensorType, axis: number): boolean {
  return (
    l.target !== 'webgpu' && shape.length === 4 && axis === 3 && (shape[3] ?? 0) < FEW_CHANNELS
  );
}

/** ONNX values behind each other along an axis. */
export function concatenated(l: Lowering, axis: number, parts: readonly OnnxValue[]): OnnxValue {
  const [only] = parts;
  if (only === undefined) throw new Error('nothing to join');
  if (parts.length === 1) return only;
  const length = parts.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
  const shape = only.shape.map((size, i) => (i === axis ? length : size));
  return l.emit('Concat', parts, { axis }, { shape, dtype: only.dtype });
}

function first(call: Call<AxisAttrs>): TensorType {
  const [value] = Object.values(call.inputs);
  if (value === undefined) throw new Error(`${call.kernel} without tensors`);
  return value;
}

function axisOf(call: Call<AxisAttrs>, rank: number): number {
  return util.parseAxisParam(call.attrs.axis, new Array<number>(rank).fill(1))[0] ?? 0;
}
