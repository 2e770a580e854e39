import {
  ResizeBilinear,
  ResizeNearestNeighbor,
  type GradConfig,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { unaryGradient } from './kernel-gradient.js';
import { separableGradient, type AxisWeights } from './separable.js';

interface ResizeAttrs {
  alignCorners: boolean;
  halfPixelCenters: boolean;
  size: [number, number];
}

/** For an output position, its place among `size` inputs, and the weights of that axis. */
type Sampler = (place: number, size: number, attrs: ResizeAttrs) => Float32Array;

/** Gradients of `resizeBilinear` and `resizeNearestNeighbor`, with aligned corners or half-pixel centres. */
export const resizeGradients: readonly GradConfig[] = [
  unaryGradient<ResizeAttrs>(
    ResizeBilinear,
    (dy, x, attrs) => resize(dy, x, attrs, linear),
    'images',
  ),
  unaryGradient<ResizeAttrs>(
    ResizeNearestNeighbor,
    (dy, x, attrs) => resize(dy, x, attrs, nearest),
    'images',
  ),
];

function resize(dy: Tensor, images: Tensor, attrs: ResizeAttrs, sampler: Sampler): Tensor {
  const [, height, width] = images.shape as [number, number, number, number];
  return separableGradient(
    dy,
    axisWeights(height, attrs.size[0], attrs, sampler),
    axisWeights(width, attrs.size[1], attrs, sampler),
  );
}

function axisWeights(size: number, out: number, attrs: ResizeAttrs, sampler: Sampler): AxisWeights {
  const aligned = attrs.alignCorners && out > 1;
  const scale = aligned ? (size - 1) / (out - 1) : size / out;
  return Array.from({ length: out }, (_, o) =>
    sampler(scale * (attrs.halfPixelCenters ? o + 0.5 : o), size, attrs),
  );
}

function linear(place: number, size: number, { halfPixelCenters }: ResizeAttrs): Float32Array {
  const source = halfPixelCenters ? place - 0.5 : place;
  const below = Math.max(0, Math.floor(source));
  const above = Math.min(size - 1, Math.ceil(source));
  const fraction = source - below;
  const weights = new Float32Array(size);
  weights[below] = 1 - fraction;
  weights[above] = (weights[above] as number) + fraction; // the same place at a border
  return weights;
}

function nearest(place: number, size: number, { alignCorners }: ResizeAttrs): Float32Array {
  const source = alignCorners ? Math.round(place) : Math.floor(place);
  const weights = new Float32Array(size);
  weights[Math.min(size - 1, source)] = 1;
  return weights;
}
