// The classifier while it is trained: each convolution is followed by batch norm, which is folded into it afterwards.
import * as nn from '@lapyra/nn';
import { CONVOLUTIONS, PIXEL_SCALE } from '@lapyra/features-cifar10';
import * as tf from '@tensorflow/tfjs-core';

const EPS = 1e-5;

/** Pixels [B, H, W, 3] → logits [B, classes]. */
export function trainingNet(classes) {
  let planes = 3;
  const parts = CONVOLUTIONS.flatMap(({ name, planes: out, stride }) => {
    const fanIn = 9 * planes;
    const conv = nn.conv2d({
      in: planes,
      out,
      kernel: 3,
      stride,
      padding: 1,
      bias: false, // batch norm takes the mean away, and a bias with it
      initial: { weight: nn.heNormal(fanIn) },
    });
    planes = out;
    return [
      [name, conv],
      [`${name}-norm`, nn.batchNorm({ channels: out, eps: EPS })],
      [`${name}-relu`, nn.relu()],
    ];
  });
  const maps = nn.sequential(parts);
  const logits = nn.scoped('logits.', nn.linear({ in: planes, out: classes }));
  return {
    state: { ...maps.state, ...logits.state },
    apply: (state, pixels, context) => {
      const values = tf.div(
        tf.sub(tf.cast(pixels, 'float32'), PIXEL_SCALE.mean),
        PIXEL_SCALE.deviation,
      );
      return logits.apply(state, tf.mean(maps.apply(state, values, context), [1, 2]), context);
    },
  };
}

/**
 * One step of gradient descent with Nesterov's momentum on the cross-entropy with smoothed labels.
 *
 * Inputs: `pixels` uint8 [batch, side, side, 3], `labels` [batch], `rate` [].
 */
export function trainingProgram(net, { classes, batch, side, decay, smoothing }) {
  const optimiser = nn.sgd({ momentum: 0.9, nesterov: true, weightDecay: decay });
  const state = { ...net.state, ...optimiser.state(net.state, 'optimiser.') };
  const names = Object.keys(state);
  const program = {
    name: 'step',
    reads: names,
    writes: names,
    inputs: {
      pixels: { dtype: 'uint8', shape: [batch, side, side, 3] },
      labels: { dtype: 'int32', shape: [batch] },
      rate: { dtype: 'float32', shape: [] },
    },
    outputs: { loss: 'float32', finite: 'float32' },
    run: (current, { pixels, labels, rate }) => {
      const targets = tf.add(
        tf.mul(tf.oneHot(labels, classes), 1 - smoothing),
        smoothing / classes,
      );
      const weights = nn.pick(current, nn.trainable(net.state));
      const { loss, gradients, aux } = nn.valueAndGrads((given) => {
        const updates = {};
        const context = { training: true, masks: {}, updates };
        const logits = net.apply({ ...current, ...given }, pixels, context);
        return { loss: nn.crossEntropy(logits, targets), aux: updates };
      }, weights);
      const next = optimiser.update({
        prefix: 'optimiser.',
        weights,
        gradients,
        state: current,
        rate,
      });
      return nn.commit({
        state: current,
        next: { ...next.weights, ...next.state, ...aux },
        losses: { loss },
      });
    },
  };
  return { state, program };
}

/** Trained state → `<layer>.weight` and `<layer>.bias` of the same network without batch norm, as host tensors. */
export function foldBatchNorm(state) {
  const folded = {
    'logits.weight': state['logits.weight'],
    'logits.bias': state['logits.bias'],
  };
  for (const { name, planes } of CONVOLUTIONS) {
    const of = (part) => state[`${name}-norm.${part}`].data;
    const scale = of('weight').map((weight, at) => weight / Math.sqrt(of('variance')[at] + EPS));
    const { shape, data } = state[`${name}.weight`];
    folded[`${name}.weight`] = {
      dtype: 'float32',
      shape,
      data: data.map((weight, at) => weight * scale[at % planes]), // the output plane is the last axis
    };
    folded[`${name}.bias`] = {
      dtype: 'float32',
      shape: [planes],
      data: of('bias').map((bias, at) => bias - of('mean')[at] * scale[at]),
    };
  }
  return folded;
}
