// A kernel of your own: computed by tfjs in JavaScript, and translated to one ONNX operator where a graph is compiled.
import { compile, registerLowering } from '@lapyra/tfjs-onnx';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';

const KERNEL = 'HardSwish';

/** x · clip(x ÷ 6 + ½, 0, 1), Howard et al. 2019. */
const hardSwish = (x) => tf.engine().runKernel(KERNEL, { x });

// What tfjs's cpu backend does for it.
tf.registerKernel({
  kernelName: KERNEL,
  backendName: 'cpu',
  kernelFunc: ({ inputs: { x }, backend }) => {
    const values = backend.data.get(x.dataId).values;
    const result = values.map((v) => v * Math.min(1, Math.max(0, v / 6 + 0.5)));
    return { dataId: backend.write(result, x.shape, 'float32'), shape: x.shape, dtype: 'float32' };
  },
});
// Its slope, in operations of tfjs: also the gradient is then compiled.
tf.registerGradient({
  kernelName: KERNEL,
  inputsToSave: ['x'],
  gradFunc: (dy, [x]) => ({
    x: () => {
      const inside = tf.add(tf.div(x, 3), 0.5);
      const slope = tf.where(tf.less(tf.abs(x), 3), inside, tf.step(x));
      return tf.mul(dy, slope);
    },
  }),
});
// What the compiler writes for it. `infer` gives the result's type; `lower` the operators. Images stay in the layout they are in.
registerLowering({
  name: KERNEL,
  infer: ({ inputs: { x } }) => ({ shape: x.shape, dtype: 'float32' }),
  lower: ({ inputs: { x }, outputs: [y] }, lowering) => {
    const layout = lowering.layoutOf(x);
    lowering.set(y, lowering.map('HardSwish', [lowering.get(x, layout)]), layout);
  },
});

const values = Float32Array.of(-4, -1, 0, 1, 4);
const compiled = await compile(({ x }) => ({ y: hardSwish(x), slope: tf.grad(hardSwish)(x) }), {
  ort,
  inputs: { x: { shape: [5], dtype: 'float32' } },
});
const { y, slope } = await compiled.run({ x: { shape: [5], dtype: 'float32', data: values } });
await compiled.dispose();
await tf.setBackend('cpu');
console.log('compiled ', [...y.data].map((v) => v.toFixed(4)).join(' '));
console.log(
  'cpu      ',
  (await hardSwish(tf.tensor(values)).array()).map((v) => v.toFixed(4)).join(' '),
);
console.log('slope    ', [...slope.data].map((v) => v.toFixed(4)).join(' '));
