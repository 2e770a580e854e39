import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../graph/graph.js';
import type { StoredTensor } from './onnx-file.js';
import {
  axisOf,
  listOf,
  textOf,
  type HostNumbers,
  type ImportedValue,
  type Operator,
  type RunningCall,
} from './operator.js';

/** Operators that move elements or change shapes. */
export const shapes: readonly Operator[] = [
  {
    name: 'Reshape',
    attrs: ['allowzero'],
    settings: [1],
    run: (call) => {
      const value = call.value(0);
      const zeros = call.int('allowzero', 0) === 1;
      const wanted = call
        .host(1)
        .values.map((size, axis) => (size === 0 && !zeros ? (value.shape[axis] ?? 1) : size));
      return reshaped(value, wanted);
    },
  },
  {
    name: 'Flatten',
    attrs: ['axis'],
    run: (call) => {
      const value = call.value(0);
      const axis = axisOf(call.int('axis', 1), value.shape.length);
      const rows = sizeOf(value.shape.slice(0, axis));
      return reshaped(value, [rows, sizeOf(value.shape.slice(axis))]);
    },
  },
  {
    name: 'Squeeze',
    attrs: ['axes'],
    settings: [1],
    run: (call) => {
      const value = call.value(0);
      const axes = call.list('axes', 1, 13)?.map((axis) => axisOf(axis, value.shape.length));
      const stays = (size: number, axis: number): boolean =>
        axes === undefined ? size !== 1 : !axes.includes(axis);
      return reshaped(value, value.shape.filter(stays));
    },
  },
  {
    name: 'Unsqueeze',
    attrs: ['axes'],
    settings: [1],
    run: (call) => {
      const value = call.value(0);
      const list = call.list('axes', 1, 13) ?? [];
      const rank = value.shape.length + list.length;
      const axes = new Set(list.map((axis) => axisOf(axis, rank)));
      const old = value.shape.values();
      const shape = Array.from({ length: rank }, (_, axis) =>
        axes.has(axis) ? 1 : (old.next().value ?? 1),
      );
      return reshaped(value, shape);
    },
  },
  {
    name: 'Transpose',
    attrs: ['perm'],
    run: (call) => {
      const x = call.value(0);
      const perm = call.ints('perm') ?? x.shape.map((_, axis) => x.shape.length - 1 - axis);
      return x instanceof tf.Tensor ? tf.transpose(x, [...perm]) : transposed(x, perm);
    },
  },
  {
    name: 'Concat',
    attrs: ['axis'],
    run: (call) => {
      if (call.onHost()) {
        const values = Array.from({ length: call.count }, (_, at) => call.host(at).values).flat();
        return { shape: [values.length], values, whole: call.host(0).whole };
      }
      const parts = call.tensors();
      return parts.length === 1 ? parts[0]! : tf.concat(parts, call.int('axis', 0));
    },
  },
  {
    name: 'Split',
    attrs: ['axis', 'split', 'num_outputs'],
    settings: [1],
    run: (call) => {
      const x = call.tensor(0);
      const axis = axisOf(call.int('axis', 0), x.rank);
      const size = x.shape[axis] ?? 1;
      const count = call.call.outputs.length;
      const each = Math.ceil(size / count);
      const sizes =
        call.list('split', 1, 13) ??
        Array.from({ length: count }, (_, i) => Math.min(each, size - i * each));
      return tf.split(x, [...sizes], axis);
    },
  },
  {
    name: 'Slice',
    attrs: ['starts', 'ends', 'axes'],
    settings: [1, 2, 3, 4],
    run: (call) => {
      const value = call.value(0);
      const { shape } = value;
      const starts = call.list('starts', 1, 10) ?? [];
      const ends = call.list('ends', 2, 10) ?? [];
      const axes = call.list('axes', 3, 10) ?? starts.map((_, i) => i);
      const steps = (call.has(4) ? call.host(4).values : undefined) ?? starts.map(() => 1);
      let picked: ImportedValue = value;
      starts.forEach((start, i) => {
        const axis = axisOf(axes[i] ?? 0, shape.length);
        picked = everyOf(picked, axis, indices(start, ends[i] ?? 0, steps[i] ?? 1, shape[axis] ?? 1)); // prettier-ignore
      });
      return picked;
    },
  },
  {
    name: 'Gather',
    attrs: ['axis'],
    settings: [1],
    run: (call) => {
      const value = call.value(0);
      const axis = axisOf(call.int('axis', 0), value.shape.length);
      const chosen = call.host(1);
      const length = value.shape[axis] ?? 1;
      const at = chosen.values.map((index) => axisOf(index, length));
      const picked = everyOf(value, axis, at);
      const shape = [
        ...value.shape.slice(0, axis),
        ...chosen.shape,
        ...value.shape.slice(axis + 1),
      ];
      return reshaped(picked, shape);
    },
  },
  {
    name: 'Expand',
    attrs: [],
    settings: [1],
    run: (call) => {
      const x = call.tensor(0);
      const wanted = [...call.host(1).values];
      return tf.broadcastTo(x, tf.broadcast_util.assertAndGetBroadcastShape(x.shape, wanted));
    },
  },
  {
    name: 'Pad',
    attrs: ['mode', 'pads', 'value', 'paddings'],
    settings: [1, 2, 3],
    refuses: (call) => {
      const mode = textOf(call, 'mode', 'constant');
      if (mode !== 'constant' && mode !== 'reflect') return `the mode ${mode}`;
      return listOf(call, 'pads')?.some((size) => size < 0) ? 'negative pads' : null;
    },
    run: pad,
  },
  {
    name: 'Shape',
    attrs: ['start', 'end'],
    run: (call) => {
      const { shape } = call.value(0);
      const values = shape.slice(call.int('start', 0), call.int('end', shape.length));
      return { shape: [values.length], values, whole: true };
    },
  },
  {
    name: 'Constant',
    attrs: ['value', 'value_float', 'value_floats', 'value_int', 'value_ints'],
    run: ({ call }) => {
      const [[name, value] = ['', null]] = Object.entries(call.attrs);
      const whole = name.startsWith('value_int');
      if (typeof value === 'number') return { shape: [], values: [value], whole };
      const tensor = value as StoredTensor | readonly number[];
      return isList(tensor) ? { shape: [tensor.length], values: tensor, whole } : hostOf(tensor);
    },
    refuses: ({ attrs }) => (Object.keys(attrs).length === 1 ? null : 'anything but one value'),
  },
  {
    name: 'ConstantOfShape',
    attrs: ['value'],
    settings: [0],
    run: (call) => {
      const shape = call.host(0).values;
      const stored = call.call.attrs['value'] as StoredTensor | undefined;
      const number = stored === undefined ? 0 : (stored.data[0] ?? 0);
      const whole = stored !== undefined && stored.dtype !== 'float32';
      if (!whole) return tf.fill([...shape], number, 'float32');
      return { shape, values: new Array<number>(sizeOf(shape)).fill(number), whole };
    },
  },
  {
    name: 'DepthToSpace',
    attrs: ['blocksize', 'mode'],
    run: (call) => {
      const x = call.tensor(0);
      const [batch = 1, channels = 1, height = 1, width = 1] = x.shape;
      const b = call.int('blocksize', 1);
      const out = channels / b ** 2;
      const inColumns = call.string('mode', 'DCR') === 'DCR';
      const split = inColumns
        ? [batch, b, b, out, height, width]
        : [batch, out, b, b, height, width];
      const perm = inColumns ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
      return tf.reshape(tf.transpose(tf.reshape(x, split), perm), [
        batch,
        out,
        height * b,
        width * b,
      ]);
    },
  },
  {
    name: 'SpaceToDepth',
    attrs: ['blocksize'],
    run: (call) => {
      const x = call.tensor(0);
      const [batch = 1, channels = 1, height = 1, width = 1] = x.shape;
      const b = call.int('blocksize', 1);
      const split = tf.reshape(x, [batch, channels, height / b, b, width / b, b]);
      return tf.reshape(tf.transpose(split, [0, 3, 5, 1, 2, 4]), [batch, channels * b ** 2, height / b, width / b]); // prettier-ignore
    },
  },
];

/** Stored numbers as they are known while the program runs. */
export function hostOf({ shape, data, dtype }: StoredTensor): HostNumbers {
  return { shape, values: Array.from(data), whole: dtype !== 'float32' };
}

function pad(call: RunningCall): ImportedValue {
  const x = call.tensor(0);
  const pads = call.list('pads', 1, 11) ?? [];
  if (pads.some((size) => size < 0)) throw call.refuse('negative pads');
  const axes = call.has(3) ? call.host(3).values.map((axis) => axisOf(axis, x.rank)) : undefined;
  const count = pads.length / 2;
  const both = x.shape.map((_, axis): [number, number] => {
    const at = axes === undefined ? axis : axes.indexOf(axis);
    return at < 0 ? [0, 0] : [pads[at] ?? 0, pads[at + count] ?? 0];
  });
  if (call.string('mode', 'constant') === 'reflect') return tf.mirrorPad(x, both, 'reflect');
  const given = call.opset >= 11 && call.has(2) ? call.host(2).values[0] : undefined;
  return tf.pad(x, both, given ?? call.float('value', 0));
}

function reshaped(value: ImportedValue, wanted: readonly number[]): ImportedValue {
  if (value instanceof tf.Tensor) return tf.reshape(value, [...wanted]);
  const rest = value.values.length / sizeOf(wanted.filter((size) => size !== -1));
  return { ...value, shape: wanted.map((size) => (size === -1 ? rest : size)) };
}

function transposed({ shape, values, whole }: HostNumbers, perm: readonly number[]): HostNumbers {
  const turned = perm.map((axis) => shape[axis] ?? 1);
  // How far apart neighbours along each axis of the result are in the source.
  const strides = perm.map((axis) => sizeOf(shape.slice(axis + 1)));
  const moved = Array.from(values, (_, i) => {
    let rest = i;
    let from = 0;
    for (let axis = turned.length - 1; axis >= 0; axis--) {
      const size = turned[axis] ?? 1;
      from += (rest % size) * (strides[axis] ?? 0);
      rest = Math.floor(rest / size);
    }
    return values[from] ?? 0;
  });
  return { shape: turned, values: moved, whole };
}

/** Some entries along an axis. */
function everyOf(value: ImportedValue, axis: number, at: readonly number[]): ImportedValue {
  if (value instanceof tf.Tensor) {
    const [first = 0] = at;
    const inARow = at.every((index, i) => index === first + i);
    if (!inARow || at.length === 0) return tf.gather(value, tf.tensor1d([...at], 'int32'), axis);
    const begin = value.shape.map((_, i) => (i === axis ? first : 0));
    const size = value.shape.map((length, i) => (i === axis ? at.length : length));
    return tf.slice(value, begin, size);
  }
  const inner = sizeOf(value.shape.slice(axis + 1));
  const length = value.shape[axis] ?? 1;
  const outer = sizeOf(value.shape.slice(0, axis));
  const values = Array.from(
    { length: outer },
    (_, o) =>
    at.flatMap((index) => value.values.slice((o * length + index) * inner, (o * length + index + 1) * inner)), // prettier-ignore
  ).flat();
  return { ...value, shape: value.shape.map((size, i) => (i === axis ? at.length : size)), values };
}

/** The places from `start` to before `end`, both cut to the axis as ONNX says. */
function indices(start: number, end: number, step: number, length: number): number[] {
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? length : length - 1;
  const cut = (at: number): number => Math.min(Math.max(at < 0 ? at + length : at, low), high);
  const [from, to] = [cut(start), cut(end)];
  const count = Math.max(0, Math.ceil((to - from) / step));
  return Array.from({ length: count }, (_, i) => from + i * step);
}

function isList(value: StoredTensor | readonly number[]): value is readonly number[] {
  return Array.isArray(value);
}
