// The likelihood of a whole image against the terms of its pixels, each from a pass that has seen nothing of what follows.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import '@tensorflow/tfjs-backend-cpu';
import { initialState, randomStream, type StepTraining } from '@lapyra/core';
import { expectClose, expectRefusal, float32 } from '@lapyra/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { makeLevel, placeAt } from '../test/make-level.js';
import { mixtureLogProbability } from '../test/mixture-by-hand.js';
import { gatedPixelNet } from './gated-pixel-net.js';

it('gives an image the sum of the log-probabilities with which its pixels are drawn', async () => {
  const size = [3, 4] as const;
  const options = { width: 5, blocks: 2, components: 3 };
  const level = await makeLevel(options, placeAt([size], 0, 3));
  const { state } = level.training as StepTraining;
  const weights = Object.fromEntries(
    level.likelihood!.reads.map((name) => {
      const { shape, data } = initialState({ [name]: state[name]! }, 3, 'terms')[name]!;
      return [
        name,
        float32(
          shape,
          [...data].map((value) => 2 * value),
        ),
      ];
    }),
  );
  const values = randomStream(4, 'image').integers(12 * 3, 256);
  const junk = randomStream(5, 'junk').integers(12 * 3, 256);

  const net = gatedPixelNet({
    size,
    channels: 3,
    low: false,
    condition: 0,
    outputs: 30,
    ...options,
  });
  const tensors = Object.fromEntries(
    Object.entries(weights).map(([name, { shape, data }]) => [
      name,
      tf.tensor(data as Float32Array, [...shape]),
    ]),
  );
  let sum = 0;
  for (let pixel = 0; pixel < 12; pixel += 1) {
    const seen = values.map((value, at) => (at < 3 * pixel ? value : junk[at]!));
    const unit = Float32Array.from(seen, (value) => (value - 127.5) / 127.5);
    const parameters = net
      .apply(tensors, tf.tensor(unit, [1, ...size, 3]), {})
      .dataSync<'float32'>();
    const own = [...parameters.slice(30 * pixel, 30 * (pixel + 1))];
    sum += mixtureLogProbability(own, [...values.slice(3 * pixel, 3 * (pixel + 1))], 3);
  }

  const engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
  const opened = await engine.open(weights);
  const program = await opened.compile(level.likelihood!, 1);
  const image = float32(
    [1, ...size, 3],
    [...values].map((value) => (value - 127.5) / 64),
  );
  const { logLikelihood } = await program.run({ image });
  await engine.dispose();
  expectClose(logLikelihood!, [sum], { relative: 1e-5 });
});

it('refuses pixels that have no scale by channel, and says what to set', async () => {
  const place = placeAt([[4, 6]], 0, 3);
  const refusal = await expectRefusal(
    makeLevel({}, { ...place, pixels: { ...place.pixels, exact: false } }),
    'LAPYRA_AUTOREGRESSIVE_PIXELS',
    'autoregressive 4x6: expected pixels with one scale for each channel, got a whitening of its own for each position.',
  );
  expect(refusal.hint).toBe("Set data.whitening to 'channel' or 'range'.");
});

it.each<[object, string]>([
  [{ width: 0 }, 'Expected >=1 but received 0'],
  [{ blocks: 1.5 }, 'integer'],
  [{ average: 1 }, 'Expected a number below 1'],
  [{ optimiser: { rate: 0 } }, 'Expected a number above 0'],
  [{ widht: 8 }, '"widht"'],
])('refuses the options %j', async (options, said) => {
  await expect(makeLevel(options, placeAt([[2, 2]], 0, 1))).rejects.toThrow(said);
});
