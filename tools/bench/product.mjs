import * as tf from '@tensorflow/tfjs-core';
import { compile } from '@lapyra/tfjs-onnx';
import * as ort from 'onnxruntime-node';

/** One behind the other in a run, so that what crosses the border of the runtime does not count. */
const CHAIN = 4;

/** The rate at which ONNX Runtime multiplies square matrices on the processor. */
export async function openProduct(side, threads) {
  const spec = { dtype: 'float32', shape: [side, side] };
  const chain = ({ a, b }) => {
    const c = Array.from({ length: CHAIN }).reduce((right) => tf.matMul(a, right), b);
    return { corner: tf.slice(c, [0, 0], [1, 1]) };
  };
  const compiled = await compile(chain, {
    inputs: { a: spec, b: spec },
    ort,
    sessionOptions: { intraOpNumThreads: threads },
  });
  const data = Float32Array.from({ length: side ** 2 }, (_, at) => Math.sin(at));
  const matrix = new ort.Tensor('float32', data, [side, side]);
  return {
    /** GFLOP/s at best. */
    gflops: async () => {
      let best = Infinity;
      const end = performance.now() + 400;
      while (performance.now() < end) {
        const before = performance.now();
        await compiled.run({ a: matrix, b: matrix });
        best = Math.min(best, performance.now() - before);
      }
      return (CHAIN * 2 * side ** 3) / best / 1e6;
    },
    dispose: () => compiled.dispose(),
  };
}
