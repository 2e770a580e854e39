import type { TensorValues } from '@lapyra/core';
import type { Tensor } from 'onnxruntime-common';
import type { OrtLibrary } from './ort-library.js';
import { copyOut, wrap } from './ort-tensor.js';
import type { StateMemory } from './state-memory.js';

/** A state in the processor's memory: what a run makes takes the place of what it was fed with, without a copy. */
export class HostMemory implements StateMemory {
  readonly writesInPlace = false;
  readonly #ort: OrtLibrary['ort'];
  readonly #tensors = new Map<string, Tensor>();

  constructor(ort: OrtLibrary['ort'], values: TensorValues) {
    this.#ort = ort;
    this.#take(values);
  }

  current(name: string): Tensor {
    return this.#tensors.get(name)!;
  }

  async reserve(): Promise<void> {
    // The runtime makes what it returns.
  }

  targets(names: readonly string[]): null[] {
    return names.map(() => null);
  }

  replace(results: ReadonlyMap<string, Tensor>): void {
    for (const [name, tensor] of results) this.#tensors.set(name, tensor);
  }

  async read(names: readonly string[]): Promise<TensorValues> {
    return Object.fromEntries(names.map((name) => [name, copyOut(this.current(name))]));
  }

  async write(part: TensorValues): Promise<void> {
    this.#take(part);
  }

  dispose(): void {
    this.#tensors.clear();
  }

  #take(values: TensorValues): void {
    for (const [name, value] of Object.entries(values))
      this.#tensors.set(name, wrap(this.#ort, value));
  }
}
