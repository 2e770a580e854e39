import type { TensorValues } from '@lapyra/core';
import type { Tensor } from 'onnxruntime-common';

/** Where the tensors of a state lie, and how a run gets at them. Its methods are called one after another. */
export interface StateMemory {
  /** Whether runs write into tensors of {@link StateMemory.targets}; otherwise they hand over tensors of their own. */
  readonly writesInPlace: boolean;
  /** What a run is fed with. */
  current(name: string): Tensor;
  /** Get room for the tensors that a program writes, so that no run has to. */
  reserve(names: readonly string[]): Promise<void>;
  /** What a run writes into: `null` where it makes the tensor. */
  targets(names: readonly string[]): (Tensor | null)[];
  /** Let what a run wrote take the place of what was there; a tensor that a run gave back belongs to the memory. */
  replace(results: ReadonlyMap<string, Tensor>): void;
  /** Copies of tensors. */
  read(names: readonly string[]): Promise<TensorValues>;
  /** Put values in, whose arrays become the memory's own: all of them, or none if that fails. */
  write(part: TensorValues): Promise<void>;
  dispose(): void;
}
