import { cifar10 } from '@lapyra/dataset-cifar10';
import { diffusion } from '@lapyra/level-diffusion';
import { boxBilinear } from '@lapyra/transform-laplacian';

const FIRST = 3500;
const SECOND = 2000;
const SHOWN = 12;

export const row = {
  plugin: '@lapyra/level-diffusion',
  title:
    'A first level at 8×8 that draws nearer to real images than before training: the Fréchet distance of pixel vectors; and a refining level whose bands are nearer to real detail than none: the sliced Wasserstein score. Both on validation images.',
  async run({ train, cifar10: images, picture, count, steps }) {
    const once = (model, of) => ({
      model,
      steps: of,
      scoreEvery: of,
      scoreImages: 500,
      nearest: { k: 1, images: 16 },
    });
    const run = await train({
      name: 'diffusion',
      only: ['8', '14'],
      config: {
        data: { from: cifar10(), crop: 28, flip: true, whitening: 'channel' },
        transform: boxBilinear(),
        levels: [
          { size: 8, ...once(diffusion(), FIRST) },
          { size: 14, ...once(diffusion({ batch: 16, width: 24 }), SECOND) },
          { size: 28, ...once(diffusion(), 1) }, // stands there, is not trained
        ],
      },
    });
    const { pixels } = (await images()).read({ count: count(SHOWN, 8) });
    const first = await run.views('8', pixels);
    const second = await run.views('14', pixels);
    await picture({
      caption: 'Drawn at 8×8; below, CIFAR-10 test images at 8×8.',
      size: first.size,
      rows: [
        { label: 'drawn', pixels: first.toPixels(await first.draw()) },
        { label: 'again', pixels: first.toPixels(await first.draw({ round: 1 })) },
        { label: 'real', pixels: first.toPixels(first.image) },
      ],
    });
    await picture({
      name: 'refining',
      caption:
        'CIFAR-10 test images at 8×8, enlarged; with the bands that the level at 14×14 drew; the real images.',
      size: second.size,
      rows: [
        { label: 'coarse', pixels: second.toPixels(second.low) },
        { label: 'drawn', pixels: second.toPixels(await second.draw()) },
        { label: 'real', pixels: second.toPixels(second.image) },
      ],
    });
    const [a, b] = [run.reports['8'], run.reports['14']];
    return {
      trained: '`diffusion` at 8×8, and 8 → 14 on true coarse images, CIFAR-10',
      steps: `${steps(FIRST)} and ${steps(SECOND)}`,
      figures: [
        {
          name: 'Fréchet distance at 8×8',
          value: a.best.value,
          better: 'lower',
          asked: Number((a.baselines.untrained / 2).toPrecision(4)),
        },
        { name: 'before training', value: a.baselines.untrained },
        { name: 'of real images', value: a.baselines.real },
        {
          name: 'score of the bands at 14×14',
          value: b.best.value,
          better: 'lower',
          asked: Number(b.baselines.upsampled.toPrecision(4)),
        },
        { name: 'of the zero band', value: b.baselines.upsampled },
        { name: 'of real bands', value: b.baselines.real },
      ],
      notes: ['Asked is half of the distance before training, and the score of the zero band.'],
    };
  },
};
