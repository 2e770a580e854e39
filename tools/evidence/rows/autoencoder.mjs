import { cifar10 } from '@lapyra/dataset-cifar10';
import { denoising, variational } from '@lapyra/level-autoencoder';
import { boxBilinear } from '@lapyra/transform-laplacian';

const STEPS = 4500;
const SHOWN = 12;

export const row = {
  plugin: '@lapyra/level-autoencoder',
  title:
    'Two autoencoders as first levels at 8×8 draw nearer to real images than before training: the Fréchet distance of pixel vectors on validation images.',
  async run({ train, cifar10: images, picture, count, steps }) {
    const model = variational(); // stands there, is not trained
    const trained = (name, first) =>
      train({
        name,
        only: ['8'],
        config: {
          data: { from: cifar10(), crop: 28, flip: true, whitening: 'channel' },
          transform: boxBilinear(),
          levels: [
            { size: 8, model: first, steps: STEPS, scoreEvery: STEPS, scoreImages: 500 },
            { size: 14, model, steps: 1 },
            { size: 28, model, steps: 1 },
          ],
        },
      });
    // Each is one process: together they fill two cores.
    const [chance, chain] = await Promise.all([
      trained('variational', variational({ grain: true })),
      trained('denoising', denoising()),
    ]);
    const { pixels } = (await images()).read({ count: count(SHOWN, 8) });
    const [a, b] = [await chance.views('8', pixels), await chain.views('8', pixels)];
    await picture({
      caption: 'Drawn at 8×8 by both; below, CIFAR-10 test images at 8×8.',
      size: a.size,
      rows: [
        { label: 'variational', pixels: a.toPixels(await a.draw()) },
        { label: 'denoising', pixels: b.toPixels(await b.draw()) },
        { label: 'real', pixels: a.toPixels(a.image) },
      ],
    });
    const figures = [
      ['variational', chance],
      ['denoising', chain],
    ].flatMap(([name, run]) => {
      const { best, baselines } = run.reports['8'];
      return [
        {
          name: `Fréchet distance of ${name}`,
          value: best.value,
          better: 'lower',
          asked: Number((baselines.untrained / 2).toPrecision(4)),
        },
        { name: `of ${name} before training`, value: baselines.untrained },
      ];
    });
    return {
      trained: '`variational` with grain, and `denoising`, at 8×8, CIFAR-10',
      steps: steps(STEPS),
      figures: [...figures, { name: 'of real images', value: chance.reports['8'].baselines.real }],
      notes: ['Asked is half of the distance before training.'],
    };
  },
};
