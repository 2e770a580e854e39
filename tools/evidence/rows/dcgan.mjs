import { cifar10 } from '@lapyra/dataset-cifar10';
import { refine } from '@lapyra/level-adversarial';
import { dcgan } from '@lapyra/level-dcgan';
import { boxBilinear } from '@lapyra/transform-laplacian';

const STEPS = { 16: 1600, 28: 800 };
const COLUMNS = 6;
const ROWS = 4;

const model = dcgan({
  width: 32,
  batch: { real: 32, generated: 32, generator: 64 },
  optimiser: { kind: 'adam', rate: 5e-4, decayFrom: 0.5, decayTo: 0.05 },
  average: 0.99,
});
// Scored once, at the end, on few images, for the sake of time.
const level = (size) => ({
  size,
  steps: STEPS[size],
  scoreEvery: STEPS[size],
  scoreImages: 500,
  nearest: { k: 1, images: 16 },
  model,
});
const data = { from: cifar10(), flip: true, whitening: 'range' };

export const row = {
  plugin: '@lapyra/level-dcgan',
  title:
    'DCGAN learns to draw as a first level at 16×16, and as the only level of a pyramid, the full-size baseline, at 28×28: the Fréchet distance between pixels of 500 drawn and 500 validation images, before and after training, and between real images.',
  async run({ train, picture, steps }) {
    const small = await train({
      name: 'dcgan-16',
      only: ['16'],
      config: {
        data: { ...data, crop: 32 },
        transform: boxBilinear(),
        levels: [level(16), { size: 32, steps: 1, model: refine() }], // the second is not trained
      },
    });
    const full = await train({
      name: 'dcgan-28',
      config: { data: { ...data, crop: 28 }, transform: boxBilinear(), levels: [level(28)] },
    });
    const { levels } = await full.sample({ count: COLUMNS * ROWS });
    await picture({
      caption: 'The full-size baseline: DCGAN at 28×28, with no level below or above.',
      size: [28, 28],
      rows: rowsOf(levels.at(-1).pixels, 28),
    });
    const figures = [
      ['16', small],
      ['28', full],
    ].flatMap(([size, run]) => {
      const { best, baselines } = run.reports[size];
      return [
        {
          name: `score at ${size}`,
          value: best.value,
          better: 'lower',
          // By definition of learning; half of it.
          asked: Number((baselines.untrained / 2).toPrecision(4)),
        },
        { name: `before training, at ${size}`, value: baselines.untrained },
        { name: `of real images, at ${size}`, value: baselines.real },
      ];
    });
    return {
      trained: '`dcgan` of width 32 as first level at 16, and alone at 28; CIFAR-10',
      steps: `${steps(STEPS[16])} + ${steps(STEPS[28])}`,
      figures,
    };
  },
};

function rowsOf(pixels, side) {
  const length = COLUMNS * side * side * 3;
  return Array.from({ length: ROWS }, (_, line) => ({
    pixels: pixels.subarray(line * length, (line + 1) * length),
  }));
}
