import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { compile, type HostTensor, type TensorFunction } from '@lapyra/tfjs-onnx';
import { registerGradients } from '@lapyra/tfjs-onnx/gradients';
import { expectClose, runBoth } from './support/compare-with-cpu.js';

registerGradients(); // another file's imports may have put tfjs's own back

type Named = Record<string, tf.Tensor>;
type Inputs = Readonly<Named>;

/** PyTorch's numbers; adversarial-steps.py beside it says how they were made. */
const fixture = JSON.parse(
  readFileSync(new URL('fixtures/adversarial-steps.json', import.meta.url), 'utf8'),
) as {
  adversarial: Record<string, number[]>;
  penalised: Record<string, number[]> & { loss: number };
};

const [batch, size] = [4, 8];
const shapes: Readonly<Record<string, readonly number[]>> = {
  ...{ g1: [3, 3, 4, 8], g1b: [8], g2: [3, 3, 8, 3], g2b: [3] },
  ...{ d1: [3, 3, 3, 8], d1b: [8], d2: [4, 4, 8, 8], d2b: [8], d3: [72, 1], d3b: [1] },
};
const generatorNames = Object.keys(shapes).filter((name) => name.startsWith('g'));
const judgeNames = Object.keys(shapes).filter((name) => name.startsWith('d'));

function wave(shape: readonly number[], seed: number, scale: number): HostTensor {
  const length = shape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from(
    { length },
    (_, i) => scale * Math.sin(12.9898 * (i + 1) + 78.233 * seed),
  );
  return { shape, dtype: 'float32', data };
}

const weights = Object.fromEntries(
  Object.entries(shapes).map(([name, shape], i) => [name, wave(shape, i + 1, 0.3)]),
);

function conv(x: tf.Tensor, w: tf.Tensor, b: tf.Tensor, strides: number, pad: number): tf.Tensor {
  return tf.add(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, strides, pad), b);
}

function generate(p: Inputs, z: tf.Tensor, low: tf.Tensor): tf.Tensor {
  const h = tf.relu(conv(tf.concat([z, low], 3), p['g1']!, p['g1b']!, 1, 1)); // [B, S, S, 8]
  return conv(h, p['g2']!, p['g2b']!, 1, 1); // [B, S, S, 3]
}

function judge(p: Inputs, image: tf.Tensor): tf.Tensor {
  const first = tf.leakyRelu(conv(image, p['d1']!, p['d1b']!, 1, 0), 0.2); // [B, S - 2, S - 2, 8]
  const second = tf.leakyRelu(conv(first, p['d2']!, p['d2b']!, 2, 1), 0.2); // [B, 3, 3, 8]
  return tf.add(tf.matMul(tf.reshape(tf.tanh(second), [image.shape[0]!, -1]), p['d3']!), p['d3b']!);
}

/** Binary cross-entropy with logits, in the form that does not overflow. */
function entropy(logits: tf.Tensor, label: 0 | 1): tf.Tensor {
  const linear = tf.sub(tf.relu(logits), tf.mul(logits, label));
  return tf.mean(tf.add(linear, tf.log1p(tf.exp(tf.neg(tf.abs(logits))))));
}

function gradients(
  loss: (p: Inputs) => tf.Tensor,
  inputs: Inputs,
  names: readonly string[],
): [tf.Tensor, Named] {
  const record = (values: readonly tf.Tensor[]): Named =>
    Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  const { value, grads } = tf.valueAndGrads(
    (...values: tf.Tensor[]) => loss({ ...inputs, ...record(values) }) as tf.Scalar,
  )(names.map((name) => inputs[name]!));
  return [value, record(grads)];
}

function adam(inputs: Inputs, grads: Named): Named {
  const out: Named = {};
  for (const [name, g] of Object.entries(grads)) {
    const m = tf.add(tf.mul(inputs[`${name}.m`]!, 0.5), tf.mul(g, 0.5));
    const v = tf.add(tf.mul(inputs[`${name}.v`]!, 0.999), tf.mul(tf.square(g), 1 - 0.999));
    const unbiased = tf.div(v, inputs['secondCorrection']!);
    const step = tf.div(tf.div(m, inputs['firstCorrection']!), tf.add(tf.sqrt(unbiased), 1e-8));
    Object.assign(out, {
      [name]: tf.sub(inputs[name]!, tf.mul(step, 1e-2)),
      [`${name}.m`]: m,
      [`${name}.v`]: v,
    });
  }
  return out;
}

const adversarialStep: TensorFunction = (inputs) => {
  const { band, low, z } = inputs as Named & { band: tf.Tensor; low: tf.Tensor; z: tf.Tensor };
  const fake = generate(inputs, z, low);
  const [dLoss, dGrads] = gradients(
    (p) =>
      tf.mul(
        tf.add(entropy(judge(p, tf.add(band, low)), 1), entropy(judge(p, tf.add(fake, low)), 0)),
        0.5,
      ),
    inputs,
    judgeNames,
  );
  const judged = adam(inputs, dGrads);
  const [gLoss, gGrads] = gradients(
    (p) => {
      const made = generate(p, z, low);
      return tf.add(
        entropy(judge({ ...p, ...judged }, tf.add(made, low)), 1),
        tf.mean(tf.abs(tf.sub(made, band))),
      );
    },
    inputs,
    generatorNames,
  );
  return { ...judged, ...adam(inputs, gGrads), dLoss, gLoss };
};

function stepInputs(step: number): Record<string, HostTensor> {
  const scalar = (value: number): HostTensor => ({
    shape: [],
    dtype: 'float32',
    data: Float32Array.of(value),
  });
  const image = (channels: number, seed: number): HostTensor =>
    wave([batch, size, size, channels], 100 + 10 * step + seed, 1);
  return {
    ...{ band: image(3, 1), low: image(3, 2), z: image(1, 3) },
    firstCorrection: scalar(1 - 0.5 ** (step + 1)),
    secondCorrection: scalar(1 - 0.999 ** (step + 1)),
  };
}

function firstState(): Record<string, HostTensor> {
  const zeros = (shape: readonly number[]): HostTensor => wave(shape, 0, 0);
  const slots = Object.entries(shapes).flatMap(([name, shape]) => [
    [`${name}.m`, zeros(shape)],
    [`${name}.v`, zeros(shape)],
  ]);
  return { ...weights, ...(Object.fromEntries(slots) as Record<string, HostTensor>) };
}

test('two adversarial steps with Adam give PyTorch’s weights and losses', async () => {
  const specs = Object.fromEntries(
    Object.entries({ ...firstState(), ...stepInputs(0) }).map(([name, { shape, dtype }]) => [
      name,
      { shape, dtype },
    ]),
  );
  const program = await compile(adversarialStep, {
    inputs: specs,
    ort,
    sessionOptions: { intraOpNumThreads: 1 },
  });
  let state: Parameters<typeof program.run>[0] = firstState();
  const losses: number[] = [];
  for (const step of [0, 1]) {
    const { dLoss, gLoss, ...next } = await program.run({ ...state, ...stepInputs(step) });
    losses.push(dLoss!.data[0] as number, gLoss!.data[0] as number);
    state = next; // tensors of the runtime, fed back as they are
  }
  await program.dispose();
  expectClose('losses', losses, fixture.adversarial['losses']!, 1e-5);
  for (const name of Object.keys(shapes)) {
    expectClose(
      name,
      (state[name] as ort.Tensor).data as Float32Array,
      fixture.adversarial[name]!,
      1e-5,
    );
  }
});

const criticGradients: TensorFunction = (inputs) => {
  const [loss, grads] = gradients(
    (p) => {
      const slope = tf.grad((x) => tf.sum(judge(p, x)))(inputs['x']!);
      const norm = tf.sqrt(tf.add(tf.sum(tf.square(slope), [1, 2, 3]), 1e-12));
      return tf.add(
        tf.mean(judge(p, inputs['x']!)),
        tf.mul(tf.mean(tf.square(tf.sub(norm, 1))), 10),
      );
    },
    inputs,
    judgeNames,
  );
  return { ...grads, loss };
};

test('a gradient penalty has PyTorch’s gradients, to second order', async () => {
  const judgeWeights = Object.fromEntries(judgeNames.map((name) => [name, weights[name]!]));
  const { eager, compiled } = await runBoth(criticGradients, {
    ...judgeWeights,
    x: wave([batch, size, size, 3], 200, 1),
  });
  expectClose('loss', compiled['loss']!.data, [fixture.penalised.loss], 1e-5);
  for (const name of judgeNames) {
    const want = fixture.penalised[name]!;
    expectClose(name, compiled[name]!.data, want, 1e-4);
    expectClose(`${name}, eager`, eager[name]!.data, want, 1e-4);
  }
  expect(compiled['d1']!.data.some((value) => Math.abs(value) > 1e-3)).toBe(true);
});
