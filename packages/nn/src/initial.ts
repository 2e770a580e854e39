// How weights begin, as data: the host draws the numbers.
import type { Initial, StateTensor } from '@lapyra/core';

/** All zero. */
export const zeros: Initial = { fill: 0 };

/** All one. */
export const ones: Initial = { fill: 1 };

/** Normal with mean 0. */
export function normal(deviation: number): Initial {
  return { normal: [0, deviation] };
}

/**
 * Torch's default for weights and biases of linear and convolutional layers: uniform on ±1/√fanIn, where `fanIn` is the
 * number of inputs that one output sums. Source: torch/nn `Linear.lua`, `SpatialConvolution.lua` (`reset`).
 */
export function torchDefault(fanIn: number): Initial {
  const bound = 1 / Math.sqrt(fanIn);
  return { uniform: [-bound, bound] };
}

/** He et al. 2015, for ReLU: normal with deviation √(2/fanIn). */
export function heNormal(fanIn: number): Initial {
  return normal(Math.sqrt(2 / fanIn));
}

/** Glorot & Bengio 2010: uniform on ±√(6/(fanIn + fanOut)). */
export function xavierUniform(fanIn: number, fanOut: number): Initial {
  const bound = Math.sqrt(6 / (fanIn + fanOut));
  return { uniform: [-bound, bound] };
}

/** How the weights and the bias of a layer begin. */
export interface LayerInitial {
  /** Default: {@link torchDefault}. */
  readonly weight?: Initial;
  /** Default: {@link torchDefault}. */
  readonly bias?: Initial;
}

/** The state of a layer: `weight` and, if it has one, `bias` [out]. */
export function layerState(
  shape: readonly number[],
  out: number,
  fanIn: number,
  bias: boolean,
  initial: LayerInitial,
): Record<string, StateTensor> {
  const weight = { shape, role: 'weight', initial: initial.weight ?? torchDefault(fanIn) } as const;
  if (!bias) return { weight };
  return {
    weight,
    bias: { shape: [out], role: 'weight', initial: initial.bias ?? torchDefault(fanIn) },
  };
}
