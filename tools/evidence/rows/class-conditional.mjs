import { cifar10 } from '@lapyra/dataset-cifar10';
import { classDense, classRefine } from '@lapyra/level-class-conditional';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { classTeller } from '../tell-classes.mjs';

const A_CLASS = 200;
const SHOWN = 5;
const STEPS = { 8: 6000, 14: 800, 28: 700 };
// Measured once, at the end, and little, for the sake of time.
const sparing = (size) => ({
  size,
  steps: STEPS[size],
  scoreEvery: STEPS[size],
  nearest: { k: 1, images: 16 },
});

// The preset cifar10-class-quick, with an eighth of the steps less.
const optimiser = { kind: 'adam', rate: 1e-3, beta1: 0.5, decayFrom: 0.5, decayTo: 0.02 };
const refining = classRefine({
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
const config = {
  data: { from: cifar10(), crop: 28, flip: true, whitening: 'channel' },
  condition: 'class',
  transform: boxBilinear(),
  levels: [
    {
      ...sparing(8),
      model: classDense({
        generator: { hidden: [512, 512], batchNorm: true },
        discriminator: { hidden: [512, 512], activation: 'leakyRelu', dropout: 0.3 },
        batch: { real: 32, generated: 32, generator: 64 },
        optimiser,
        average: 0.99,
      }),
    },
    { ...sparing(14), model: refining },
    { ...sparing(28), model: refining },
  ],
};

export const row = {
  plugin: '@lapyra/level-class-conditional',
  title:
    'A class-conditional pyramid draws the class that it is asked for: the share of samples that the classifier of `@lapyra/features-cifar10` tells as that class; and how far a sample changes with the label at one level, while seed and coarse image stay.',
  async run(context) {
    const { train, cifar10: images, engine, picture, seeds, count, log } = context;
    const run = await train({ name: 'class-conditional', config });
    const { classes, read } = await images();
    const classify = await classTeller(await engine());

    const share = async (pixels, wanted) => {
      const told = await classify(pixels);
      return told.filter((one) => one === wanted).length / told.length;
    };
    const each = count(A_CLASS, 8);
    const shares = [];
    const rows = [];
    for (const seed of seeds) {
      let sum = 0;
      for (const [index, className] of classes.entries()) {
        const { levels } = await run.sample({ count: each, seed, className });
        const { pixels } = levels.at(-1);
        sum += await share(pixels, index);
        if (seed === seeds[0])
          rows.push({
            label: className,
            pixels: pixels.subarray(0, 28 * 28 * 3 * Math.min(SHOWN, each)),
          });
      }
      shares.push(sum / classes.length);
      log(`seed ${seed}: ${(100 * shares.at(-1)).toFixed(1)} %`);
    }
    for (const [name, shown] of [
      ['', rows.slice(0, 5)],
      ['more', rows.slice(5)],
    ])
      await picture({
        name,
        caption:
          'Samples of a class, one a row. The same noise stands in a column: only the label differs from row to row.',
        size: [28, 28],
        rows: shown,
      });

    const real = read({ split: 'test', count: count(1000, 16), crop: 28 });
    const told = await classify(real.pixels);
    const right = told.filter((one, at) => one === real.labels[at]).length / told.length;
    const changes = await changesByLabel(
      run,
      read({ split: 'test', count: 50, crop: 28 }).pixels,
      classes.length,
    );
    return {
      trained:
        'as in the preset `cifar10-class-quick`, with an eighth of the steps less: `classDense` 8, `classRefine` 14 and 28; CIFAR-10',
      steps: Object.values(STEPS).join(' + '),
      figures: [
        {
          name: `told as asked, of ${each * classes.length} samples, mean of ${seeds.length} seeds`,
          value: 100 * (shares.reduce((sum, one) => sum + one, 0) / shares.length),
          unit: '%',
          asked: 14,
        },
        { name: 'by chance', value: 100 / classes.length, unit: '%' },
        { name: 'of real test images', value: 100 * right, unit: '%' },
        // More than the rounding of pixels to whole numbers can make.
        {
          name: 'change by the label at 14, coarse image and noise kept',
          value: changes['14'],
          unit: 'of 255',
          asked: 0.5,
        },
        {
          name: 'change by the label at 28, coarse image and noise kept',
          value: changes['28'],
          unit: 'of 255',
          asked: 0.5,
        },
      ],
    };
  },
};

/** Mean absolute difference, in pixels, of what each refining level draws for one class and for the next. */
async function changesByLabel(run, pixels, classes) {
  const images = pixels.length / (28 * 28 * 3);
  const labelled = (shift) => {
    const conditions = new Float32Array(images * classes);
    for (let at = 0; at < images; at++) conditions[at * classes + ((at + shift) % classes)] = 1;
    return conditions;
  };
  const changes = {};
  for (const level of ['14', '28']) {
    const drawn = [];
    for (const shift of [0, 1]) {
      const views = await run.views(level, pixels, labelled(shift));
      drawn.push(views.toPixels(await views.draw()));
    }
    const [one, other] = drawn;
    changes[level] =
      one.reduce((sum, value, at) => sum + Math.abs(value - other[at]), 0) / one.length;
  }
  return changes;
}
