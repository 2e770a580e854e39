// Fully connected networks: what draws a small image, and what judges one.
import {
  batchNorm,
  dropout,
  flatten,
  type LayerInitial,
  leakyRelu,
  linear,
  type Module,
  normal,
  relu,
  reshape,
  sequential,
  type SequentialPart,
  sigmoid,
  zeros,
} from '@lapyra/nn';
import type { DenseDiscriminatorOptions, DenseGeneratorOptions } from './dense-network-options.js';

/** [B, width] → image [B, …shape]: hidden layers, then a linear one. State: `linear1.weight`, …, `out.bias`. */
export function denseGenerator(
  { hidden, activations, batchNorm: normalised, deviation }: DenseGeneratorOptions,
  width: number,
  shape: readonly number[],
): Module {
  const initial = initialOf(deviation);
  const layers = hidden.flatMap((units, index): SequentialPart[] => [
    // Batch norm takes the mean away, and a bias with it.
    [
      `linear${index + 1}`,
      linear({ in: hidden[index - 1] ?? width, out: units, bias: !normalised, initial }),
    ],
    ...(normalised ? [[`norm${index + 1}`, batchNorm({ channels: units })] as const] : []),
    [`act${index + 1}`, activations[index] === 'sigmoid' ? sigmoid() : relu()],
  ]);
  const out = shape.reduce((product, side) => product * side, 1);
  return sequential([
    ...layers,
    ['out', linear({ in: hidden.at(-1) ?? width, out, initial })],
    ['image', reshape(shape)],
  ]);
}

/** [B, …] of `width` numbers an image → logits [B, 1]. State: `linear1.weight`, …, `out.bias`. */
export function denseDiscriminator(
  { hidden, activation, dropout: drop, deviation }: DenseDiscriminatorOptions,
  width: number,
): Module {
  const initial = initialOf(deviation);
  const layers = hidden.flatMap((units, index): SequentialPart[] => [
    [`linear${index + 1}`, linear({ in: hidden[index - 1] ?? width, out: units, initial })],
    [`act${index + 1}`, activation === 'leakyRelu' ? leakyRelu(0.2) : relu()],
    ...(drop > 0
      ? [[`drop${index + 1}`, dropout({ keep: 1 - drop, shape: [units] })] as const]
      : []),
  ]);
  return sequential([
    ['flat', flatten()],
    ...layers,
    ['out', linear({ in: hidden.at(-1) ?? width, out: 1, initial })],
  ]);
}

function initialOf(deviation: number | null): LayerInitial {
  return deviation === null ? {} : { weight: normal(deviation), bias: zeros };
}
