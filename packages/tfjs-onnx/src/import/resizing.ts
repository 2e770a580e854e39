import * as tf from '@tensorflow/tfjs-core';
import { toNchw, toNhwc } from './convolutions.js';
import { textOf, type Operator, type RunningCall } from './operator.js';

const NEITHER = ['cubic_coeff_a', 'exclude_outside', 'extrapolation_value'];

/** Enlarging and shrinking images. */
export const resizing: readonly Operator[] = [
  {
    name: 'Resize',
    attrs: ['mode', 'coordinate_transformation_mode', 'nearest_mode', 'antialias', ...NEITHER],
    settings: [1, 2, 3],
    refuses: (call, opset) => {
      const mode = textOf(call, 'mode', 'nearest');
      const places = textOf(call, 'coordinate_transformation_mode', opset < 11 ? 'asymmetric' : 'half_pixel'); // prettier-ignore
      if (mode !== 'nearest' && mode !== 'linear') return `the mode ${mode}`;
      if (call.attrs['antialias'] === 1) return 'antialias';
      const known = ['half_pixel', 'pytorch_half_pixel', 'asymmetric', 'align_corners'];
      return known.includes(places) ? null : `the coordinate_transformation_mode ${places}`;
    },
    run: (call) => {
      const x = call.tensor(0);
      const old = call.opset < 11;
      const [scalesAt, sizesAt] = old ? [1, 3] : [2, 3];
      const sizes = call.has(sizesAt) ? call.host(sizesAt).values : [];
      const scales = call.has(scalesAt) ? call.host(scalesAt).values : [];
      const places = call.string(
        'coordinate_transformation_mode',
        old ? 'asymmetric' : 'half_pixel',
      );
      const rounding = call.string('nearest_mode', old ? 'floor' : 'round_prefer_floor');
      const size = sizes.length > 0 ? checked(call, x, sizes) : scaled(call, x, scales);
      return resize(call, x, size, call.string('mode', 'nearest'), places, rounding);
    },
  },
  {
    name: 'Upsample',
    attrs: ['mode', 'scales'],
    settings: [1],
    refuses: (call) => {
      const mode = textOf(call, 'mode', 'nearest');
      return ['nearest', 'linear', 'bilinear'].includes(mode) ? null : `the mode ${mode}`;
    },
    run: (call) => {
      const x = call.tensor(0);
      const scales = call.has(1) ? call.host(1).values : (call.ints('scales') ?? []);
      const mode = call.string('mode', 'nearest') === 'nearest' ? 'nearest' : 'linear';
      return resize(call, x, scaled(call, x, scales), mode, 'asymmetric', 'floor');
    },
  },
];

type Size = [number, number];

function checked(call: RunningCall, x: tf.Tensor, sizes: readonly number[]): Size {
  const [batch, channels, height = 1, width = 1] = sizes;
  if (sizes.length !== 4 || batch !== x.shape[0] || channels !== x.shape[1])
    throw call.refuse('expected sizes of an image [B, C, H, W] that keep batch and channels');
  return [height, width];
}

function scaled(call: RunningCall, x: tf.Tensor, scales: readonly number[]): Size {
  const [batch, channels] = scales;
  if (scales.length !== 4 || batch !== 1 || channels !== 1)
    throw call.refuse('expected scales of an image [B, C, H, W] that keep batch and channels');
  return [2, 3].map((axis) => {
    const size = (x.shape[axis] ?? 1) * (scales[axis] ?? 1);
    // With a broken size the file's scale and the ratio of the sizes differ; tfjs has only the latter.
    if (Math.abs(size - Math.round(size)) > 1e-4)
      throw call.refuse(`expected a scale that gives a whole size, got ${size}`);
    return Math.round(size);
  }) as Size;
}

function resize(
  call: RunningCall,
  x: tf.Tensor,
  size: Size,
  mode: string,
  places: string,
  rounding: string,
): tf.Tensor {
  const image = toNhwc(x);
  const half = places === 'half_pixel' || places === 'pytorch_half_pixel';
  if (mode === 'linear') {
    if (places === 'pytorch_half_pixel' && size.includes(1))
      throw call.refuse('pytorch_half_pixel to a size of 1');
    const corners = places === 'align_corners';
    return toNchw(tf.image.resizeBilinear(image, size, corners, half));
  }
  const whole = size.every((out, i) => out % (x.shape[2 + i] ?? 1) === 0);
  // By a whole factor each pixel is repeated if it is the nearest one that counts, whichever way halves go: there are none.
  if (
    (half && whole && rounding.startsWith('round_')) ||
    (places === 'asymmetric' && rounding === 'floor')
  )
    return toNchw(tf.image.resizeNearestNeighbor(image, size, false, false));
  if (half && rounding === 'round_prefer_ceil')
    return toNchw(tf.image.resizeNearestNeighbor(image, size, false, true));
  throw call.refuse(
    `the nearest pixel by ${places} and ${rounding} from [${x.shape.slice(2).join(', ')}] to [${size.join(', ')}]`,
  );
}
