import { cifar10 } from '@lapyra/dataset-cifar10';
import { dense, refine } from '@lapyra/level-adversarial';
import { classifyFeatures } from '@lapyra/runtime';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { classTeller } from '../tell-classes.mjs';

const STEPS = 900;
const SIDE = 28;
const SHOWN = 8;

// The level 8 → 14 of the preset cifar10-quick.
const model = refine({
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
  optimiser: { kind: 'adam', rate: 1e-3, beta1: 0.5, decayFrom: 0.5, decayTo: 0.02 },
  pixelLoss: 30,
  average: 0.99,
});

export const row = {
  plugin: '@lapyra/features-cifar10',
  title:
    'Trained networks as features: the classifier that the package ships tells test images right; and a linear classifier reads more off the first layer of a discriminator (`lapyra features`) than off pixels, a little more when the discriminator is trained.',
  async run({ train, cifar10: images, engine, picture, count, steps, project }) {
    const { read, classes } = await images();
    const { pixels, labels } = read({ count: count(10_000, 500), crop: SIDE });
    const told = await (await classTeller(await engine()))(pixels);
    const right = labels.filter((label, at) => label === told[at]).length / labels.length;
    const one = SIDE * SIDE * 3;
    await picture({
      caption: 'The first test images that the classifier takes for each class, right or wrong.',
      size: [SIDE, SIDE],
      scale: 1,
      rows: classes.map((label, wanted) => ({
        label,
        pixels: Buffer.concat(
          told
            .flatMap((found, at) => (found === wanted ? [at] : []))
            .slice(0, SHOWN)
            .map((at) => pixels.subarray(at * one, (at + 1) * one)),
        ),
      })),
    });
    const score = { scoreEvery: STEPS, nearest: { k: 1, images: 16 } };
    await train({
      name: 'features',
      only: ['14'],
      config: {
        data: { from: cifar10(), crop: SIDE, flip: true, whitening: 'channel' },
        transform: boxBilinear(),
        levels: [
          { size: 8, steps: 1, model: dense() }, // stands there, is not trained
          { size: 14, steps: STEPS, model, ...score },
          { size: SIDE, steps: 1, model },
        ],
      },
    });
    const reused = await classifyFeatures(
      {
        folder: project,
        run: 'features',
        level: '14',
        network: 'd',
        layer: 'act1',
        images: count(10_000, 200),
        seed: 1,
        backend: 'auto',
      },
      { notice: () => undefined, progress: () => undefined },
    );
    const percent = (part) => Number((part * 100).toFixed(1));
    return {
      trained:
        'the classifier as shipped; `refine` 8 → 14 as in the preset `cifar10-quick`, CIFAR-10',
      steps: steps(STEPS),
      figures: [
        { name: 'classifier, told right', value: percent(right), unit: '%', asked: 75 },
        {
          name: 'linear on a layer of the discriminator',
          value: percent(reused.features.accuracy),
          unit: '%',
          asked: percent(reused.pixels.accuracy),
        },
        {
          name: 'of the same layer before training',
          value: percent(reused.untrained.accuracy),
          unit: '%',
        },
        { name: 'linear on pixels', value: percent(reused.pixels.accuracy), unit: '%' },
      ],
      notes: [
        `The linear classifiers learn from ${reused.images.train} training images and are measured on ${reused.images.test} test images of 14×14; those of the discriminator on its layer \`${reused.layer}\`, ${reused.features.width} numbers an image, that of pixels on ${reused.pixels.width}. Most of what the layer gives is due to its form: windows of pixels, and the strongest answer in each part of the image.`,
      ],
    };
  },
};
