import { cifar10 } from '@lapyra/dataset-cifar10';
import { dense, refine } from '@lapyra/level-adversarial';
import { finetuneRun, measureGap } from '@lapyra/runtime';
import { boxBilinear } from '@lapyra/transform-laplacian';

const SHARE = 0.5;
const JOINT_STEPS = 150;

// The networks of the preset cifar10-quick, with fewer steps.
const optimiser = { kind: 'adam', rate: 1e-3, beta1: 0.5, decayFrom: 0.5, decayTo: 0.02 };
const refining = refine({
  width: 32,
  generator: { kernels: [5, 3, 3] },
  discriminator: {
    layers: [
      { kernel: 3, planes: 32, padding: 1 },
      { kernel: 4, planes: 32, stride: 2, padding: 1 },
      { kernel: 4, planes: 64, stride: 2, padding: 1 },
    ],
    activation: 'leakyRelu',
    dropout: 0,
  },
  batch: { real: 16, generated: 16, generator: 32 },
  optimiser,
  pixelLoss: 30,
  average: 0.99,
});
const first = dense({
  generator: { hidden: [512, 512], batchNorm: true },
  discriminator: { hidden: [512, 512], activation: 'leakyRelu', dropout: 0.3 },
  batch: { real: 32, generated: 32, generator: 64 },
  optimiser,
  average: 0.99,
});
const STEPS = { 8: 3400, 14: 600, 28: 420 };

export const row = {
  plugin: '@lapyra/level-adversarial',
  title:
    'The gap between training and sampling: score of each refining level on coarse images that the levels below have drawn, less that on true ones, and distance of whole samples, for levels trained apart, with generated coarse images mixed in, and tuned together through the whole pyramid.',
  async run({ train, project, picture, count, steps, log }) {
    const level = (size, more = {}) => ({
      size,
      steps: STEPS[size],
      scoreEvery: steps(STEPS[size]),
      nearest: { k: 1, images: 16 },
      model: size === 8 ? first : refining,
      ...more,
    });
    const base = {
      data: { from: cifar10(), crop: 28, flip: true, whitening: 'channel' },
      transform: boxBilinear(),
    };
    const apart = await train({
      name: 'apart',
      config: { ...base, levels: [level(8), level(14), level(28)] },
    });
    const generatedCoarse = { share: SHARE, images: count(2000, 64) };
    const mixed = await train({
      name: 'mixed',
      config: {
        ...base,
        levels: [
          { from: 'runs/apart/levels/8' },
          level(14, { generatedCoarse }),
          // Drawn by the levels that were trained apart, so that nothing waits.
          level(28, { generatedCoarse: { ...generatedCoarse, from: 'apart' } }),
        ],
      },
    });
    const hooks = {
      notice: log,
      progress: () => undefined,
      started: () => undefined,
      event: () => undefined,
    };
    const protocol = {
      folder: project,
      images: count(500, 32),
      rounds: 2,
      seed: 1,
      backend: 'auto',
    };
    const withMixing = await measureGap({ ...protocol, run: mixed.folder }, hooks);
    const tuned = await finetuneRun(
      {
        ...protocol,
        run: apart.folder,
        name: 'tuned',
        steps: steps(JOINT_STEPS),
        batch: 32,
        rate: 1e-4,
        signal: new AbortController().signal,
      },
      hooks,
    );
    const { before, after, step } = tuned.report;
    const rows = [];
    for (const [label, run] of [
      ['apart', apart],
      ['mixed', mixed],
    ])
      rows.push({ label, pixels: (await run.sample({ count: 10 })).levels.at(-1).pixels });
    await picture({
      caption:
        'Samples of levels that were trained apart, and with generated coarse images mixed in.',
      rows,
      size: [28, 28],
    });
    const figures = [];
    for (const [name, found] of [
      ['apart', before],
      ['mixed', withMixing],
      ['tuned together', after],
    ]) {
      for (const one of found.levels)
        figures.push({
          name: `gap at ${one.level}, ${name}`,
          value: rounded(one.gap.mean),
          better: 'lower',
        });
      figures.push({
        name: `whole samples, ${name} (real ${rounded(found.whole.real)})`,
        value: rounded(found.whole.drawn.mean),
        better: 'lower',
      });
    }
    const lost = before.whole.lost.map(
      ({ level: name, distance }) => `${rounded(distance.mean)} at ${name}`,
    );
    return {
      trained: `8 → 14 → 28 on CIFAR-10: apart; half of the coarse images generated; ${steps(JOINT_STEPS)} joint steps`,
      steps: `${steps(STEPS[8])} + ${steps(STEPS[14])} + ${steps(STEPS[28])}`,
      figures,
      notes: [
        `Gaps are differences of sliced Wasserstein scores ([scores.md](scores.md#the-gap-between-training-and-sampling)), over 2 rounds of noise. Of the distance of whole samples, levels that were trained apart lose ${lost.join(', ')}. Joint tuning took its step ${step}.`,
      ],
    };
  },
};

function rounded(value) {
  return Number(value.toPrecision(3));
}
