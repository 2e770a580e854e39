import type { GradConfig, NamedAttrMap, Tensor } from '@tensorflow/tfjs-core';

/** For each input of a kernel, how to compute its gradient; called only for inputs that are asked for. */
export type InputGradients = Record<string, () => Tensor>;

/**
 * The gradient of a kernel with one output, from its saved *inputs*.
 *
 * A saved output would be a constant on tfjs's tape and cut the chain of a second gradient without a word, so it is recomputed where it is needed.
 *
 * @param kernel  name of the kernel
 * @param save  names of the inputs that `gradient` wants, in this order
 * @param gradient  from the output's gradient, the saved inputs and the kernel's attributes
 */
export function kernelGradient<Attrs = NamedAttrMap>(
  kernel: string,
  save: readonly string[],
  gradient: (dy: Tensor, saved: readonly Tensor[], attrs: Attrs) => InputGradients,
): GradConfig {
  return {
    kernelName: kernel,
    inputsToSave: [...save],
    gradFunc: (dy, saved, attrs) => gradient(dy as Tensor, saved, attrs as Attrs),
  };
}

/** The same for a kernel of one input: `gradient` gives that input's gradient. */
export function unaryGradient<Attrs = NamedAttrMap>(
  kernel: string,
  gradient: (dy: Tensor, x: Tensor, attrs: Attrs) => Tensor,
  input = 'x',
): GradConfig {
  return kernelGradient<Attrs>(kernel, [input], (dy, saved, attrs) => ({
    [input]: () => gradient(dy, first(saved), attrs),
  }));
}

/** The same for a kernel of two inputs `a` and `b`. */
export function binaryGradient(
  kernel: string,
  gradient: (dy: Tensor, a: Tensor, b: Tensor) => { a: () => Tensor; b: () => Tensor },
): GradConfig {
  return kernelGradient(kernel, ['a', 'b'], (dy, [a, b]) => gradient(dy, a as Tensor, b as Tensor));
}

/** The same for a kernel that takes a list of tensors: `gradient` gives that of the `i`-th input. */
export function listGradient<Attrs = NamedAttrMap>(
  kernel: string,
  gradient: (dy: Tensor, inputs: readonly Tensor[], i: number, attrs: Attrs) => Tensor,
): GradConfig {
  return {
    kernelName: kernel,
    saveAllInputs: true,
    gradFunc: (dy, inputs, attrs) =>
      Object.fromEntries(
        inputs.map((_, i) => [i, () => gradient(dy as Tensor, inputs, i, attrs as Attrs)]),
      ),
  };
}

function first(saved: readonly Tensor[]): Tensor {
  return saved[0] as Tensor;
}
