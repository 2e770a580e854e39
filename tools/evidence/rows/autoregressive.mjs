import { refine } from '@lapyra/level-adversarial';
import { autoregressive } from '@lapyra/level-autoregressive';
import { cifar10 } from '@lapyra/dataset-cifar10';
import { measureLikelihood } from '@lapyra/runtime';
import { boxBilinear } from '@lapyra/transform-laplacian';

const STEPS = 3400;
const SHOWN = 36;

export const row = {
  plugin: '@lapyra/level-autoregressive',
  title:
    'The first level knows how probable an image is: bits per dimension of the CIFAR-10 test images, averaged down to 8×8 and rounded to 8 bits, beside pixels that are independent of each other and beside the uniform distribution.',
  async run({ train, picture, cifar10: images, count, steps, project, log }) {
    const model = refine(); // stands there, is not trained
    const run = await train({
      name: 'autoregressive',
      only: ['8'],
      config: {
        data: { from: cifar10(), crop: 28, flip: true, whitening: 'channel' },
        transform: boxBilinear(),
        levels: [
          {
            size: 8,
            steps: STEPS,
            model: autoregressive(),
            scoreEvery: STEPS,
            scoreImages: 500,
          },
          { size: 14, steps: 1, model },
          { size: 28, steps: 1, model },
        ],
      },
    });
    const { levels } = await measureLikelihood(
      {
        folder: project,
        run: 'autoregressive',
        levels: ['8'],
        split: 'test',
        count: count(10_000),
        backend: 'auto',
      },
      { notice: log, progress: () => undefined },
    );
    const { bits, standardError, independent, uniform, images: told } = levels[0];
    const { best, baselines } = run.reports['8'];
    const { pixels } = (await images()).read({ count: count(SHOWN, 8) });
    const views = await run.views('8', pixels);
    await picture({
      caption: 'Drawn at 8×8, pixel by pixel; below, CIFAR-10 test images at 8×8.',
      size: views.size,
      rows: [
        { pixels: views.toPixels(await views.draw()) },
        { pixels: views.toPixels(views.image) },
      ],
    });
    return {
      trained: '`autoregressive` at 8×8, CIFAR-10',
      steps: steps(STEPS),
      figures: [
        {
          name: 'bits per dimension',
          value: bits,
          better: 'lower',
          asked: Number(independent.toPrecision(4)),
        },
        { name: 'standard error', value: standardError },
        { name: 'of independent pixels', value: independent },
        { name: 'of the uniform distribution', value: uniform },
        { name: 'Fréchet distance of pixels, validation', value: best.value },
        { name: 'before training', value: baselines.untrained },
        { name: 'of real images', value: baselines.real },
      ],
      notes: [`${told} test images, each at its middle crop of 28×28.`],
    };
  },
};
