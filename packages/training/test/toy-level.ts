// A refining level that can be followed by hand: band ≈ w₀·low + w₁·z, fitted by gradient descent with momentum.
import {
  type Level,
  type LevelPlace,
  plane,
  sizeName,
  type StepProgram,
  type StepTraining,
  type Tensors,
  type TensorValue,
} from '@lapyra/core';
import { float, toValue } from './toy-engine.js';

export interface ToyOptions {
  readonly place: LevelPlace;
  readonly rate?: (step: number) => number;
  /** Above this rate the step refuses itself. */
  readonly largestRate?: number;
}

const numbers = (tensors: Tensors, name: string): TensorValue['data'] =>
  toValue(tensors[name]).data;

export function toyLevel({ place, rate = () => 0.1, largestRate = 1 }: ToyOptions): Level & {
  readonly training: StepTraining;
} {
  const z = plane(place.size);
  const fit: StepProgram = {
    name: 'fit',
    draws: { real: { count: 4, of: ['low', 'band'] } },
    noise: { noise: 4 },
    random: { mask: { shape: [2], distribution: { keep: 0.75 } } },
    scalars: ['rate', 'momentum'],
    reads: ['g.w', 'g.m', 'g.average', 'steps'],
    writes: ['g.w', 'g.m', 'g.average', 'steps'],
    outputs: ['loss', 'finite'],
    run: (state, inputs) => {
      const [low, band, noise] = ['real.low', 'real.band', 'noise.z'].map((n) =>
        numbers(inputs, n),
      );
      const [w, m, average] = ['g.w', 'g.m', 'g.average'].map((name) => numbers(state, name));
      const step = numbers(inputs, 'rate')[0] as number;
      const momentum = numbers(inputs, 'momentum')[0] as number;
      const mask = numbers(inputs, 'mask');
      if (!low || !band || !noise || !w || !m || !average) throw new Error('toy: input missing');
      const channels = place.channels;
      const gradient = [0, 0];
      let loss = 0;
      for (let i = 0; i < band.length; i++) {
        const x = [low[i] as number, noise[Math.floor(i / channels)] as number];
        const error =
          (w[0] as number) * (x[0] as number) +
          (w[1] as number) * (x[1] as number) -
          (band[i] as number);
        loss += (error * error) / band.length;
        for (const k of [0, 1])
          gradient[k] = (gradient[k] as number) + (2 * error * (x[k] as number)) / band.length;
      }
      const finite = Number.isFinite(loss) && step <= largestRate;
      if (!finite)
        return {
          state,
          outputs: { loss: float([], [finite ? loss : Number.NaN]), finite: float([], [0]) },
        };
      const velocity = [0, 1].map(
        (k) =>
          momentum * (m[k] as number) +
          (1 - momentum) * (gradient[k] as number) * (mask[k] as number),
      );
      const next = [0, 1].map((k) => (w[k] as number) - step * (velocity[k] as number));
      return {
        state: {
          'g.w': float([2], next),
          'g.m': float([2], velocity),
          'g.average': float(
            [2],
            next.map((x, k) => 0.9 * (average[k] as number) + 0.1 * x),
          ),
          steps: float([], [(numbers(state, 'steps')[0] as number) + 1]),
        },
        outputs: { loss: float([], [loss]), finite: float([], [1]) },
      };
    },
  };
  return {
    place,
    noise: { z },
    output: 'band',
    sampler: {
      name: `toy ${sizeName(place.size)}`,
      reads: ['w'],
      writes: [],
      inputs: {
        low: { dtype: 'float32', shape: [null, ...place.size, place.channels] },
        'noise.z': { dtype: 'float32', shape: [null, ...z.shape] },
      },
      outputs: { band: 'float32' },
      run: (state, inputs) => {
        const w = numbers(state, 'w');
        const { shape, data } = toValue(inputs['low']);
        const noise = numbers(inputs, 'noise.z');
        const band = data.map(
          (x, i) =>
            (w[0] as number) * x +
            (w[1] as number) * (noise[Math.floor(i / place.channels)] as number),
        );
        return { state: {}, outputs: { band: float(shape, Array.from(band)) } };
      },
    },
    training: {
      kind: 'steps',
      state: {
        'g.w': { shape: [2], role: 'weight', initial: { uniform: [-1, 1] } },
        'g.m': { shape: [2], role: 'optimiser', initial: { fill: 0 } },
        'g.average': { shape: [2], role: 'average', initial: { copy: 'g.w' } },
        steps: { shape: [], role: 'statistic', initial: { fill: 0 } },
      },
      programs: [fit],
      scalars: {
        rate: { at: ({ step }) => rate(step), isRate: true },
        momentum: { at: ({ step, steps }) => 0.5 + (0.3 * step) / steps },
      },
      samplerState: { w: 'g.average' },
    },
  };
}
