import type { Tensor } from 'onnxruntime-common';
import type { BuiltSession } from '../build-session.js';
import { sizeOf, type ConstantData, type TensorType } from '../graph/graph.js';
import type { OrtModule } from '../ort-module.js';
import { makeArray } from './slot.js';

/** An input of a run. */
export interface RunInput extends TensorType {
  readonly data: ConstantData;
}

/** A run that has begun. */
export interface Run {
  /** Where the runtime writes the values of `output0`, `output1`, … if it writes into arrays that it is given. */
  readonly data: readonly ConstantData[];
  /** Resolves to the values. */
  readonly done: Promise<readonly ConstantData[]>;
}

/** Runs sessions whose inputs and outputs are numbered, and keeps the time. */
export class SessionRunner {
  /** Time spent in ONNX Runtime's runs, in ms. */
  kernelMs = 0;
  /** Whether runs write into the arrays of {@link Run}, in the order in which they began, so that one may read what the one before writes. */
  chained = true;
  private lastEnd = 0;
  private readonly ort: OrtModule;

  constructor(ort: OrtModule) {
    this.ort = ort;
  }

  /** Begin a run. */
  start(
    { session, outputNames }: BuiltSession,
    inputs: readonly RunInput[],
    outputs: readonly TensorType[],
  ): Run {
    const feeds = Object.fromEntries(
      inputs.map((input, i) => [inputName(i), this.tensor(input, input.data)]),
    );
    const names = outputs.map((_, i) => outputNames.get(outputName(i)) ?? outputName(i));
    const data = outputs.map(({ shape, dtype }) =>
      makeArray(dtype, this.chained ? sizeOf(shape) : 0),
    );
    const fetches = Object.fromEntries(
      names.map((name, i) => {
        // There is nothing to write to a tensor without elements.
        const [type, array] = [outputs[i], data[i]];
        return [name, type && array?.length ? this.tensor(type, array) : null];
      }),
    );
    const done = this.time(session.run(feeds, fetches)).then((results) =>
      this.chained ? data : names.map((name) => valuesOf(results, name)),
    );
    return { data, done };
  }

  private async time<T>(run: Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await run;
    } finally {
      const end = performance.now();
      this.kernelMs += end - Math.max(start, this.lastEnd);
      this.lastEnd = end;
    }
  }

  private tensor({ shape, dtype }: TensorType, data: ConstantData): Tensor {
    // The runtime's types tie an element type to one kind of array, which a union cannot show.
    return new this.ort.Tensor(dtype as 'float32', data as Float32Array, shape);
  }
}

function valuesOf(
  results: Readonly<Record<string, Pick<Tensor, 'data'>>>,
  name: string,
): ConstantData {
  const tensor = results[name];
  if (tensor === undefined) throw new Error(`ONNX Runtime returned no ${name}`);
  return tensor.data as ConstantData; // graphs have outputs of no other kind
}

/** What the graph calls an input. */
export function inputName(index: number): string {
  return `input${index}`;
}

/** What the graph calls an output. */
export function outputName(index: number): string {
  return `output${index}`;
}
