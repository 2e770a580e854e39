// What the ONNX project's own checker and shape inference say of the files that are written.
import { registerGradients } from '@lapyra/tfjs-onnx/gradients';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { compile, toOnnx, type TensorFunction } from '@lapyra/tfjs-onnx';
import { seeded } from './support/compare-with-cpu.js';
import { checkOnnx, unchecked } from './support/onnx-checker.js';

registerGradients(); // another file's imports may have put tfjs's own back

type Inputs = Readonly<Record<string, tf.Tensor>>;

const float = (...shape: (number | null)[]) => ({ shape, dtype: 'float32' as const });

/** Convolutions with strides, batch norm, pools, resizing and a dense layer. */
function classify(p: Inputs, x: tf.Tensor): tf.Tensor {
  const convolved = tf.conv2d(x as tf.Tensor4D, p['w1'] as tf.Tensor4D, 2, 'same');
  const { mean, variance } = tf.moments(convolved, [0, 1, 2]);
  const normal = tf.leakyRelu(tf.batchNorm(convolved, mean, variance, p['shift'], p['scale']), 0.2);
  const pooled = tf.avgPool(tf.maxPool(normal as tf.Tensor4D, 2, 1, 'same'), 2, 2, 'valid');
  const up = tf.depthToSpace(tf.image.resizeNearestNeighbor(pooled, [4, 4]), 2);
  const back = tf.conv2dTranspose(up, p['w2'] as tf.Tensor4D, [up.shape[0], 16, 16, 3], 2, 'same');
  return tf.matMul(tf.reshape(back, [-1, 16 * 16 * 3]), p['dense']!);
}

const weights = {
  w1: [3, 3, 3, 16],
  shift: [16],
  scale: [16],
  w2: [4, 4, 3, 4],
  dense: [768, 5],
};

/** A whole step: forward, backward and momentum. */
const step: TensorFunction = ({ x, label, rate, ...rest }) => {
  const names = Object.keys(weights);
  const loss = (...values: tf.Tensor[]): tf.Scalar => {
    const p = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
    return tf.losses.softmaxCrossEntropy(label!, classify(p, x!));
  };
  const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => rest[name]!));
  const out: Record<string, tf.Tensor> = { loss: value };
  names.forEach((name, i) => {
    const speed = tf.add(tf.mul(rest[`m.${name}`]!, 0.9), grads[i]!);
    out[`new.m.${name}`] = speed;
    out[`new.${name}`] = tf.sub(rest[name]!, tf.mul(rate!, speed));
  });
  return out;
};

const stepInputs = {
  x: float(4, 16, 16, 3),
  label: float(4, 5),
  rate: float(),
  ...Object.fromEntries(
    Object.entries(weights).flatMap(([name, shape]) => [
      [name, float(...shape)],
      [`m.${name}`, float(...shape)],
    ]),
  ),
};

describe.skipIf(unchecked !== null)(`the ONNX checker (${unchecked ?? 'found'})`, () => {
  test('accepts a whole training step, a sampler for any batch, and many operations', () => {
    const constants = Object.fromEntries(
      Object.entries(weights).map(([name, shape], i) => [name, seeded(shape, i + 1, 0.1)]),
    );
    const many: TensorFunction = ({ x, index }) => {
      const rows = tf.gather(x!, index!);
      const [left, right] = tf.split(x!, 2, 1);
      return {
        chosen: tf.where(tf.greater(rows, 0), rows, tf.zerosLike(rows)),
        joined: tf.stack([left!, right!], 1),
        best: tf.argMax(x!, 1),
        once: tf.oneHot(index!, 6),
        padded: tf.mirrorPad(x!, [[1, 1], [2, 0]], 'reflect'), // prettier-ignore
        sums: tf.cumsum(x!, 1),
        scattered: tf.scatterND(tf.reshape(index!, [-1, 1]), rows, [5, 4]),
        slices: tf.reverse(tf.stridedSlice(x!, [0, 3], [5, 0], [2, -1]), 1),
        soft: tf.logSoftmax(tf.tile(x!, [1, 2])),
        product: tf.einsum('ij,kj->ik', x!, rows),
        norm: tf.norm(x!),
      };
    };
    const files = [
      toOnnx(step, { name: 'step', inputs: stepInputs, description: 'One step of momentum.' }),
      toOnnx(({ x, ...p }) => ({ y: classify(p, x!) }), {
        name: 'sampler',
        inputs: { x: float(null, 16, 16, 3) },
        constants,
        metadata: { 'image.size': '16', note: 'ü' },
      }),
      toOnnx(many, {
        name: 'many',
        inputs: { x: float(5, 4), index: { shape: [3], dtype: 'int32' } },
      }),
    ];
    const seen = checkOnnx(files.map(({ bytes }) => bytes));
    expect(seen.map(({ nodes }) => nodes)).toEqual(files.map(({ nodes }) => nodes));
    for (const { nodes, compared, domains } of seen) {
      expect(domains).toEqual(['']);
      expect(compared).toBeGreaterThan(nodes / 3);
    }
  });

  test('accepts what compile makes; only for processors it has operators of ONNX Runtime', async () => {
    const programs = [];
    for (const target of ['portable', 'cpu'] as const)
      programs.push(await compile(step, { ort, inputs: stepInputs, target }));
    const wide: TensorFunction = ({ x, w }) => ({
      y: tf.relu(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same')),
    });
    const inputs = { x: float(1, 8, 8, 32), w: float(3, 3, 32, 32) };
    for (const target of ['portable', 'cpu'] as const)
      programs.push(await compile(wide, { ort, inputs, target }));
    const seen = checkOnnx(programs.map(({ bytes }) => bytes));
    for (const program of programs) await program.dispose();
    expect(seen[0]?.domains).toEqual(['']);
    expect(seen[2]?.domains).toEqual(['']);
    const named = new TextDecoder('latin1').decode(programs[3]!.bytes).includes('ReorderInput');
    expect(seen[3]?.domains).toEqual(named ? ['', 'com.microsoft.nchwc'] : ['']);
  });

  test('finds fault with a file that is none, so that the checks above mean something', () => {
    const { bytes } = toOnnx(({ x }) => ({ y: tf.relu(x!) }), {
      name: 'broken',
      inputs: { x: float(2) },
    });
    const text = new TextDecoder('latin1').decode(bytes);
    const broken = Uint8Array.from(text.replaceAll('Relu', 'Nope'), (c) => c.charCodeAt(0));
    expect(() => checkOnnx([broken])).toThrow(/Nope/);
  });
});
