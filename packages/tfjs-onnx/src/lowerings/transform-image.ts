import { backend_util } from '@tensorflow/tfjs-core';
import { sizeOf, type TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { defineKernel, operand, result, type Call, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';
import { isInside, pixelsOfEach, rounded } from './sample-image.js';

interface TransformAttrs {
  readonly interpolation: 'nearest' | 'bilinear';
  readonly fillMode: 'constant' | 'reflect' | 'wrap' | 'nearest';
  readonly fillValue: number;
  readonly outputShape?: readonly [number, number] | null;
}

interface RotateAttrs {
  readonly radians: number;
  readonly fillValue: number | readonly number[];
  readonly center: number | [number, number];
}

/** Images seen through a projective map, and rotated ones. */
export const imageTransforms: readonly Kernel[] = [
  defineKernel<TransformAttrs>({
    name: 'Transform',
    infer: (call): TensorType => {
      const { shape, dtype } = operand(call, 'image');
      return { shape: [shape[0] ?? 1, ...sizeAfter(call), shape[3] ?? 1], dtype };
    },
    lower: (node, l) => {
      const out = result(node);
      const images = l.cast(l.plain(operand(node, 'image')), 'float32');
      const transforms = l.plain(operand(node, 'transforms')); // [1 or B, 8]
      l.set(out, l.cast(projected(l, images, transforms, node.attrs, sizeAfter(node)), out.dtype));
    },
    flop: (node) => 16 * sizeOf(result(node).shape),
  }),
  defineKernel<RotateAttrs>({
    name: 'RotateWithOffset',
    infer: (call): TensorType => operand(call, 'image'),
    lower: (node, l) => {
      const image = l.plain(operand(node, 'image'));
      const [batch = 1, height = 1, width = 1, channels = 1] = image.shape;
      const { indices, inside } = rotation(node.attrs, height, width);
      const list = l.reshape(image, [batch, height * width, channels]);
      const turned = l.emit(
        'Gather',
        [list, l.ints(indices)],
        { axis: 1 },
        {
          shape: list.shape,
          dtype: image.dtype,
        },
      );
      const { fillValue } = node.attrs;
      const fill = Array.from({ length: channels }, (_, channel) =>
        typeof fillValue === 'number' ? fillValue : channel === 3 ? 255 : (fillValue[channel] ?? 0),
      );
      const value = l.map(
        'Where',
        [
          l.constant([height * width, 1], 'bool', inside),
          turned,
          l.constant([channels], image.dtype, fill),
        ],
        { dtype: image.dtype },
      );
      l.set(result(node), l.reshape(value, image.shape));
    },
  }),
];

function sizeAfter(call: Call<TransformAttrs>): readonly [number, number] {
  const [, height = 1, width = 1] = operand(call, 'image').shape;
  return call.attrs.outputShape ?? [height, width];
}

/** Rotation by a fixed angle: which pixel each one comes from is known beforehand. */
function rotation(
  { radians, center }: RotateAttrs,
  height: number,
  width: number,
): { indices: number[]; inside: number[] } {
  const [centerX, centerY] = backend_util.getImageCenter(center, height, width);
  const [sin, cos] = [Math.sin(radians), Math.cos(radians)];
  const indices: number[] = [];
  const inside: number[] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [dx, dy] = [column - centerX, row - centerY];
      const x = Math.round(dx * cos - dy * sin + centerX);
      const y = Math.round(dx * sin + dy * cos + centerY);
      const found = x >= 0 && x < width && y >= 0 && y < height;
      inside.push(found ? 1 : 0);
      indices.push(found ? y * width + x : 0);
    }
  }
  return { indices, inside };
}

/** Each pixel (x, y) shows the image at ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k) with k = c0 x + c1 y + 1. */
function projected(
  l: Lowering,
  images: OnnxValue,
  transforms: OnnxValue,
  { interpolation, fillMode, fillValue }: TransformAttrs,
  [rows, columns]: readonly [number, number],
): OnnxValue {
  const [, height = 1, width = 1] = images.shape;
  const [maps = 1] = transforms.shape;
  const entry = (i: number): OnnxValue =>
    l.reshape(
      l.emit(
        'Slice',
        [transforms, l.ints([i]), l.ints([i + 1]), l.ints([1])],
        {},
        {
          shape: [maps, 1],
          dtype: 'float32',
        },
      ),
      [maps, 1, 1],
    );
  const count = (length: number): number[] => Array.from({ length }, (_, i) => i);
  const x = l.constant([columns], 'float32', count(columns));
  const y = l.constant([rows, 1], 'float32', count(rows));
  const plane = (i: number, last: OnnxValue): OnnxValue =>
    l.map('Add', [
      l.map('Add', [l.map('Mul', [entry(i), x]), l.map('Mul', [entry(i + 1), y])]),
      last,
    ]);
  const k = plane(6, l.scalar(1, 'float32'));
  const infinite = l.map('Equal', [k, l.scalar(0, 'float32')], { dtype: 'bool' });
  const divisor = l.map('Where', [infinite, l.scalar(1, 'float32'), k], { dtype: 'float32' });
  const across = wrapped(l, l.map('Div', [plane(0, entry(2)), divisor]), width, fillMode); // [maps, rows, columns]
  const down = wrapped(l, l.map('Div', [plane(3, entry(5)), divisor]), height, fillMode);

  const fill = l.scalar(fillValue, 'float32');
  const perPixel = (value: OnnxValue): OnnxValue => l.reshape(value, [...value.shape, 1]);
  const read = (row: OnnxValue, column: OnnxValue): OnnxValue => {
    const inside = l.map('And', [isInside(l, row, height), isInside(l, column, width)]);
    const pixels = pixelsOfEach(l, images, row, column);
    return l.map('Where', [perPixel(inside), pixels, fill], { dtype: 'float32' });
  };
  const value =
    interpolation === 'nearest'
      ? read(rounded(l, down), rounded(l, across))
      : mixed(l, down, across, read, perPixel);
  return l.map('Where', [perPixel(infinite), fill, value], { dtype: 'float32' });
}

/** Between the four pixels around, those outside of the image included. */
function mixed(
  l: Lowering,
  down: OnnxValue,
  across: OnnxValue,
  read: (row: OnnxValue, column: OnnxValue) => OnnxValue,
  perPixel: (value: OnnxValue) => OnnxValue,
): OnnxValue {
  const one = l.scalar(1, 'float32');
  const [top, left] = [l.map('Floor', [down]), l.map('Floor', [across])];
  const [bottom, right] = [l.map('Add', [top, one]), l.map('Add', [left, one])];
  const mix = (a: OnnxValue, b: OnnxValue, share: OnnxValue): OnnxValue =>
    l.map('Add', [l.map('Mul', [l.map('Sub', [one, share]), a]), l.map('Mul', [share, b])]);
  const [toBottom, toRight] = [
    perPixel(l.map('Sub', [down, top])),
    perPixel(l.map('Sub', [across, left])),
  ];
  const upper = mix(read(top, left), read(top, right), toRight);
  const lower = mix(read(bottom, left), read(bottom, right), toRight);
  return mix(upper, lower, toBottom);
}

/** Coordinates outside of [0, size − 1] brought inside, by tfjs's rules for each mode; `constant` leaves them where they are. */
function wrapped(
  l: Lowering,
  x: OnnxValue,
  size: number,
  mode: TransformAttrs['fillMode'],
): OnnxValue {
  const number = (value: number): OnnxValue => l.scalar(value, 'float32');
  const less = (a: OnnxValue, b: OnnxValue): OnnxValue => l.map('Less', [a, b], { dtype: 'bool' });
  const where = (test: OnnxValue, yes: OnnxValue, no: OnnxValue): OnnxValue =>
    l.map('Where', [test, yes, no], { dtype: 'float32' });
  const times = (value: OnnxValue, per: number): OnnxValue =>
    l.map('Floor', [l.map('Div', [value, number(per)])]);
  if (mode === 'constant') return x;
  let value = x;
  if (size > 1 && mode === 'reflect') {
    const period = number(2 * size);
    const raised = l.map('Add', [x, l.map('Mul', [period, times(l.map('Neg', [x]), 2 * size)])]);
    const before = where(
      less(raised, number(-size)),
      l.map('Add', [raised, period]),
      l.map('Sub', [l.map('Neg', [raised]), number(1)]),
    );
    const lowered = l.map('Sub', [x, l.map('Mul', [period, times(x, 2 * size)])]);
    const after = where(
      less(lowered, number(size)),
      lowered,
      l.map('Sub', [number(2 * size - 1), lowered]),
    );
    value = where(less(x, number(0)), before, where(less(number(size - 1), x), after, x));
  } else if (size > 1 && mode === 'wrap') {
    const turns = (of: OnnxValue): OnnxValue => times(of, size - 1);
    const length = number(size);
    const before = l.map('Add', [
      x,
      l.map('Mul', [length, l.map('Add', [turns(l.map('Neg', [x])), number(1)])]),
    ]);
    const after = l.map('Sub', [x, l.map('Mul', [length, turns(x)])]);
    value = where(less(x, number(0)), before, where(less(number(size - 1), x), after, x));
  }
  return l.map('Clip', [value, number(0), number(size - 1)]);
}
