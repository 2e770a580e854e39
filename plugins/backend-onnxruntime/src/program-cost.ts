import {
  checkProgram,
  engineError,
  inputPorts,
  type ProgramCost,
  statePorts,
  type TensorProgram,
  type TensorValues,
} from '@lapyra/core';
import { compile, estimateCost, simplify, trace } from '@lapyra/tfjs-onnx';
import { registerGradients } from '@lapyra/tfjs-onnx/gradients';
import { matMul, type Tensor2D } from '@tensorflow/tfjs-core';
import type { OrtLibrary } from './ort-library.js';
import { programFunction } from './program-function.js';

/**
 * What one run of a program costs: operations and bytes counted on its graph, which is not run; seconds from the rate at
 * which this machine multiplies matrices, of which training steps reach a part.
 *
 * @param rate floating-point operations a second, from {@link measureRate}
 */
export async function programCost(
  subject: string,
  program: TensorProgram,
  state: TensorValues,
  batch: number | undefined,
  rate: () => Promise<number>,
): Promise<ProgramCost> {
  const ports = statePorts(subject, state);
  checkProgram(subject, program, ports);
  const inputs = inputPorts(subject, program.inputs, batch);
  const { fn, outputTypes, ...border } = programFunction(subject, program, ports, inputs);
  try {
    registerGradients();
    const { flop, bytes } = estimateCost(
      simplify(trace(fn, { inputs: { ...border.state, ...border.inputs }, outputTypes })),
    );
    return { flop, bytes, seconds: flop / (SHARE * (await rate())) };
  } catch (error) {
    throw engineError('LAPYRA_ENGINE_COMPILE', subject, error);
  }
}

// What training steps reached of the rate of a plain matrix product when it was measured: between 0.2 for small nets and
// 0.55 for the widest, on two cores with AVX-512.
const SHARE = 0.4;

const SIDE = 512;
const REPEATS = 4;

/** Multiply two matrices of 512×512 a few times: floating-point operations a second, at best. Takes some 50 ms. */
export async function measureRate({ ort, sessionOptions }: OrtLibrary): Promise<number> {
  const spec = { dtype: 'float32', shape: [SIDE, SIDE] } as const;
  const product = await compile(({ a, b }) => ({ c: matMul(a as Tensor2D, b as Tensor2D) }), {
    inputs: { a: spec, b: spec },
    ort,
    sessionOptions,
    name: 'rate',
  });
  const data = Float32Array.from({ length: SIDE * SIDE }, (_, i) => Math.sin(i));
  const matrix = new ort.Tensor('float32', data, [SIDE, SIDE]);
  let best = Infinity;
  for (let i = 0; i < REPEATS; i++) {
    const begin = performance.now();
    await product.run({ a: matrix, b: matrix });
    best = Math.min(best, performance.now() - begin);
  }
  await product.dispose();
  return (2 * SIDE ** 3) / (best / 1000);
}
