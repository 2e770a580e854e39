import { cifar10 } from '@lapyra/dataset-cifar10';
import { dense } from '@lapyra/level-adversarial';
import { patches } from '@lapyra/level-patch';
import { boxBilinear } from '@lapyra/transform-laplacian';

const SHOWN = 5;

export const row = {
  plugin: '@lapyra/level-patch',
  title:
    'Patches copied from training images draw detail like real detail (the sliced Wasserstein score of bands on validation images), though not the detail of this very image (PSNR on test images); the average of many nearest patches is, the other way round, nearer to the image than plain upsampling and too smooth.',
  async run({ train, cifar10: images, picture, count, part, psnr }) {
    const fit = (name, options) =>
      train({
        name,
        only: ['28'],
        config: {
          data: { from: cifar10(), crop: 28, whitening: 'channel' },
          transform: boxBilinear(),
          levels: [
            { size: 14, steps: 1, model: dense() }, // stands there, is not trained
            {
              size: 28,
              steps: 1, // it is fitted at once
              scoreImages: 500,
              nearest: { k: 1, images: 16 },
              model: patches({ ...options, stored: Math.ceil(100_000 * part) }),
            },
          ],
        },
      });
    const sharp = await fit('patches-joined', {});
    const smooth = await fit('patches-averaged', { neighbours: 1, step: 1, blend: 'average' });
    const { pixels } = (await images()).read({ count: count(500, 24) });
    const views = await sharp.views('28', pixels);
    const others = await smooth.views('28', pixels);
    const real = views.toPixels(views.image);
    const low = views.toPixels(views.low);
    const joined = views.toPixels(await views.draw());
    const again = views.toPixels(await views.draw({ seed: 2 }));
    const averaged = others.toPixels(await others.draw());
    const one = real.length / views.count;
    const first = (all) => all.subarray(0, SHOWN * one);
    await picture({
      caption:
        'CIFAR-10 test images at 14×14, enlarged; with details joined along seams, drawn twice; with details averaged; the real images at 28×28.',
      size: views.size,
      scale: 1,
      rows: [
        { label: 'coarse', pixels: first(low) },
        { label: 'joined', pixels: first(joined) },
        { label: 'again', pixels: first(again) },
        { label: 'averaged', pixels: first(averaged) },
        { label: 'real', pixels: first(real) },
      ],
    });
    const { best, baselines } = sharp.reports['28'];
    const dB = (drawn) => psnr(drawn, real, views.count);
    const plain = dB(low);
    return {
      trained:
        '`patches` 14 → 28 with 100 000 patches of CIFAR-10, joined along seams; and averaged',
      steps: 1,
      figures: [
        {
          name: 'score, joined',
          value: best.value,
          better: 'lower',
          asked: Number((baselines.upsampled / 2).toPrecision(4)),
        },
        { name: 'score, averaged', value: smooth.reports['28'].best.value },
        { name: 'of the zero band', value: baselines.upsampled },
        { name: 'of real images', value: baselines.real },
        { name: 'PSNR, joined', value: dB(joined), unit: 'dB' },
        {
          name: 'PSNR, averaged',
          value: dB(averaged),
          unit: 'dB',
          asked: Number(plain.toPrecision(4)),
        },
        { name: 'of plain upsampling', value: plain, unit: 'dB' },
        { name: 'between two draws', value: psnr(joined, again, views.count), unit: 'dB' },
      ],
      notes: [
        `Joined patches lose to plain upsampling in PSNR (${dB(joined).toFixed(2)} to ${plain.toFixed(2)} dB): detail that is as strong as real detail and not the same costs more than none.`,
      ],
    };
  },
};
