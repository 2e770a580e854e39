import type { Tensor } from 'onnxruntime-common';
import type { BuiltSession } from '../build-session.js';
import type { ConstantData, TensorType } from '../graph/graph.js';
import type { OrtModule } from '../ort-module.js';

/** An input of a run. */
export interface RunInput extends TensorType {
  readonly data: ConstantData;
}

/** Runs sessions whose inputs and outputs are numbered, and keeps the time. */
export class SessionRunner {
  /** Time spent in ONNX Runtime's runs, in ms. */
  kernelMs = 0;
  private readonly ort: OrtModule;

  constructor(ort: OrtModule) {
    this.ort = ort;
  }

  /** The values of `output0`, `output1`, … */
  async run(
    { session, outputNames }: BuiltSession,
    inputs: readonly RunInput[],
    outputCount: number,
  ): Promise<ConstantData[]> {
    const feeds: Record<string, Tensor> = {};
    inputs.forEach(({ shape, dtype, data }, i) => {
      // The runtime's types tie an element type to one kind of array, which a union cannot show.
      feeds[inputName(i)] = new this.ort.Tensor(dtype as 'float32', data as Float32Array, shape);
    });
    const start = performance.now();
    const results = await session.run(feeds);
    this.kernelMs += performance.now() - start;
    return Array.from({ length: outputCount }, (_, i) => {
      const tensor = results[outputNames.get(outputName(i)) ?? outputName(i)];
      if (tensor === undefined) throw new Error(`ONNX Runtime returned no ${outputName(i)}`);
      return tensor.data as ConstantData;
    });
  }
}

/** What the graph calls an input. */
export function inputName(index: number): string {
  return `input${index}`;
}

/** What the graph calls an output. */
export function outputName(index: number): string {
  return `output${index}`;
}
