import type { TensorValue, TensorValues } from '@lapyra/core';
import type { Tensor } from 'onnxruntime-common';
import type { DeviceCopies } from './device-copies.js';
import type { StateMemory } from './state-memory.js';

/**
 * A state in the memory of a device. Each tensor that a program writes has a second one beside it: a run reads the first and
 * writes the second, then they change places. So a step allocates nothing, and one that fails leaves the state as it was.
 */
export class DeviceMemory implements StateMemory {
  readonly writesInPlace = true;
  readonly #copies: DeviceCopies;
  readonly #current: Map<string, Tensor>;
  readonly #spare = new Map<string, Tensor>();

  private constructor(copies: DeviceCopies, tensors: Map<string, Tensor>) {
    this.#copies = copies;
    this.#current = tensors;
  }

  static async open(copies: DeviceCopies, values: TensorValues): Promise<DeviceMemory> {
    return new DeviceMemory(copies, await copies.upload(values));
  }

  current(name: string): Tensor {
    return this.#current.get(name)!;
  }

  async reserve(names: readonly string[]): Promise<void> {
    for (const name of names)
      if (!this.#spare.has(name))
        this.#spare.set(name, await this.#copies.duplicate(this.current(name)));
  }

  targets(names: readonly string[]): Tensor[] {
    return names.map((name) => this.#spare.get(name)!);
  }

  replace(results: ReadonlyMap<string, Tensor>): void {
    for (const [name, result] of results) {
      const written = this.#spare.get(name)!;
      // onnxruntime-node gives a second handle of what it was given to write into, onnxruntime-web that one itself.
      if (result !== written) result.dispose();
      this.#spare.set(name, this.current(name));
      this.#current.set(name, written);
    }
  }

  async read(names: readonly string[]): Promise<TensorValues> {
    const values: Record<string, TensorValue> = {};
    for (const name of names) values[name] = await this.#copies.download(this.current(name));
    return values;
  }

  async write(part: TensorValues): Promise<void> {
    for (const [name, tensor] of await this.#copies.upload(part)) {
      this.current(name).dispose();
      this.#current.set(name, tensor);
    }
  }

  dispose(): void {
    for (const tensors of [this.#current, this.#spare]) {
      for (const tensor of tensors.values()) tensor.dispose();
      tensors.clear();
    }
  }
}
