import { definePlugin, LapyraError, type Level, type LevelPlace } from '@lapyra/core';
import * as nn from '@lapyra/nn';
import * as v from 'valibot';

const options = v.strictObject({
  width: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 32),
  rate: v.optional(v.pipe(v.number(), v.minValue(0)), 1e-3),
});

/** A refining level without an adversary: a small convnet that draws the band to be expected. */
export const regress = definePlugin({
  kind: 'level',
  use: 'lapyra-level-regress#regress',
  summary: 'a convnet that draws the band to be expected, without an adversary',
  options,
  create: createRegress,
});

function createRegress({ width, rate }: v.InferOutput<typeof options>, place: LevelPlace): Level {
  const { size, channels } = place;
  if (!place.coarse)
    throw new LapyraError('LAPYRA_REGRESS_PLACE', 'regress: expected a level below, got none.');
  const net = nn.sequential([
    ['conv1', nn.conv2d({ in: channels, out: width, kernel: 5 })],
    ['act1', nn.relu()],
    ['conv2', nn.conv2d({ in: width, out: channels, kernel: 5 })],
  ]);
  const optimiser = nn.adam();
  const state = { ...net.state, ...optimiser.state(net.state, 'adam.') };
  const names = Object.keys(state);
  return {
    place,
    noise: {}, // nothing is left to chance
    output: 'band',
    sampler: {
      name: 'regress',
      reads: Object.keys(net.state),
      writes: [],
      inputs: { low: { dtype: 'float32', shape: [null, ...size, channels] } },
      outputs: { band: 'float32' },
      run: (weights, { low }) => ({
        state: {},
        outputs: { band: net.apply(weights, low!, nn.inference) }, // [B, H, W, C]
      }),
    },
    training: {
      kind: 'steps',
      state,
      programs: [
        {
          name: 'step',
          draws: { real: { count: 32, of: ['low', 'band'] } },
          noise: {},
          random: {},
          scalars: ['rate'],
          reads: names,
          writes: names,
          outputs: ['error', 'finite'],
          run: (current, inputs) => {
            const weights = nn.pick(current, nn.trainable(net.state));
            const { loss, gradients } = nn.valueAndGrads((w) => {
              const band = net.apply(w, inputs['real.low']!, nn.inference); // [32, H, W, C]
              return nn.l2(band, inputs['real.band']!);
            }, weights);
            const given = { prefix: 'adam.', weights, gradients, state: current };
            const next = optimiser.update({ ...given, rate: inputs['rate']! });
            return nn.commit({
              state: current,
              next: { ...next.weights, ...next.state },
              losses: { error: loss },
            });
          },
        },
      ],
      scalars: { rate: nn.asRate(nn.constant(rate)) },
      samplerState: Object.fromEntries(Object.keys(net.state).map((name) => [name, name])),
    },
  };
}
