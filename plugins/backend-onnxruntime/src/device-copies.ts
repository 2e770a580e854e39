// Values go to a device and come back through sessions of one Identity node: onnxruntime-node ends the process where a
// tensor on the device is asked for its data, and has no other way to make one.
import type { DType, TensorValue, TensorValues } from '@lapyra/core';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import { identityModel } from './identity-model.js';
import type { OrtLibrary } from './ort-library.js';
import { valueOf, wrap } from './ort-tensor.js';
import { RunQueue } from './run-queue.js';

interface Copiers {
  readonly toDevice: InferenceSession;
  readonly toHost: InferenceSession;
}

/** Copies tensors between the host and the device of one engine. */
export class DeviceCopies {
  readonly #library: OrtLibrary;
  readonly #copiers = new Map<DType, Copiers>();
  readonly #queue = new RunQueue();

  constructor(library: OrtLibrary) {
    this.#library = library;
  }

  /** Copies of values on the device: of all, or of none if that fails. */
  async upload(values: TensorValues): Promise<Map<string, Tensor>> {
    const made = new Map<string, Tensor>();
    try {
      for (const [name, value] of Object.entries(values))
        made.set(name, await this.#toDevice(value.dtype, wrap(this.#library.ort, value)));
      return made;
    } catch (error) {
      for (const tensor of made.values()) tensor.dispose();
      throw error;
    }
  }

  /** A second tensor on the device with the same values. */
  async duplicate(tensor: Tensor): Promise<Tensor> {
    return this.#toDevice(tensor.type as DType, tensor);
  }

  /** The values of a tensor on the device. */
  async download(tensor: Tensor): Promise<TensorValue> {
    return this.#queue.add(async () => {
      const { toHost } = await this.#copiersOf(tensor.type as DType);
      const { y } = await toHost.run({ x: tensor });
      const { dtype, shape, data } = valueOf(y!);
      return { dtype, shape: [...shape], data };
    });
  }

  /** Let the sessions go; all tensors must have been freed before. */
  async dispose(): Promise<void> {
    await this.#queue.idle();
    const copiers = [...this.#copiers.values()];
    this.#copiers.clear();
    for (const { toDevice, toHost } of copiers) {
      await toDevice.release();
      await toHost.release();
    }
  }

  async #toDevice(dtype: DType, x: Tensor): Promise<Tensor> {
    return this.#queue.add(async () => {
      const { toDevice } = await this.#copiersOf(dtype);
      const { y } = await toDevice.run({ x });
      return y!;
    });
  }

  async #copiersOf(dtype: DType): Promise<Copiers> {
    const known = this.#copiers.get(dtype);
    if (known) return known;
    const { ort, sessionOptions } = this.#library;
    const file = identityModel(dtype);
    // Two, since a session with a preferred place must not write into tensors that it is given.
    const toHost = await ort.InferenceSession.create(file, sessionOptions);
    try {
      const toDevice = await ort.InferenceSession.create(file, {
        ...sessionOptions,
        preferredOutputLocation: 'gpu-buffer',
      });
      const copiers = { toDevice, toHost };
      this.#copiers.set(dtype, copiers);
      return copiers;
    } catch (error) {
      await toHost.release();
      throw error;
    }
  }
}
