import type { TensorValues } from '@lapyra/core';
import type { Tensor } from 'onnxruntime-common';
import type { OrtLibrary } from './ort-library.js';
import { copyOut, wrap } from './ort-tensor.js';
import type { StateMemory } from './state-memory.js';

/** Gives an array's memory back at once, where the JavaScript engine can. */
interface Transferable {
  transfer?(length: number): unknown;
}

/**
 * A state in the processor's memory: what a run makes takes the place of what it was fed with, without a copy. What was there is
 * not left to the garbage collector: megabytes a step make it collect all the time.
 */
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
    const before = [...results.keys()].map((name) => this.current(name));
    for (const [name, tensor] of results) this.#tensors.set(name, tensor);
    const kept = new Set([...this.#tensors.values()].map(bufferOf));
    for (const tensor of new Set(before)) if (!kept.has(bufferOf(tensor))) giveBack(tensor);
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

function bufferOf({ data }: Tensor): ArrayBufferLike {
  return (data as Uint8Array).buffer;
}

/** Some runtimes let an array be a part of their own memory; that stays theirs. */
function giveBack({ data }: Tensor): void {
  const { buffer, byteLength } = data as Uint8Array;
  // The cast: TypeScript's library knows the method from ES2024 on.
  if (buffer.byteLength === byteLength) (buffer as Transferable).transfer?.(0);
}
