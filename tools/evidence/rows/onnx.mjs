import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dewhiten, imageBatch, levelProgram, whiten } from '@lapyra/core';
import { cifar10 } from '@lapyra/dataset-cifar10';
import { dense } from '@lapyra/level-adversarial';
import { upscale } from '@lapyra/level-onnx';
import { superResolve } from '@lapyra/level-super-resolution';
import { enlargeImage } from '@lapyra/sampling';
import { boxBilinear } from '@lapyra/transform-laplacian';

const STEPS = 400;
const SHOWN = 8;
const FULL = [32, 32];
const HALF = [16, 16];

// A level that takes and gives numbers of −1…1, so that its file stands for any super-resolution file with that range.
const maker = superResolve({
  output: 'band',
  generator: { width: 32, blocks: 2, kernel: 3, batchNorm: false, upsampling: 'shuffle' },
  losses: {
    pixel: { weight: 1 },
    content: { weight: 0 },
    adversarial: 0,
    variation: 0,
  },
  batch: { real: 16, generated: 16, generator: 16 },
  optimiser: { kind: 'adam', rate: 2e-3, beta1: 0.9, decayFrom: 0.5, decayTo: 0.02 },
});

export const row = {
  plugin: '@lapyra/level-onnx',
  title:
    'A super-resolution ONNX file as a level, in a pyramid with another whitening than it was made with, and as what enlarges whole pictures tile by tile: PSNR on test images, beside plain upsampling.',
  async run({ train, cifar10: images, picture, count, steps, psnr, project }) {
    const placed = (whitening, model, many) => ({
      data: { from: cifar10(), crop: 28, flip: true, whitening },
      transform: boxBilinear(),
      levels: [
        { size: 14, steps: 1, model: dense() }, // stands there, is not trained
        {
          size: 28,
          steps: many,
          scoreEvery: many,
          scoreImages: 200,
          nearest: { k: 1, images: 16 },
          model,
        },
      ],
    });
    const made = await train({
      name: 'onnx-made',
      only: ['28'],
      jobs: 1,
      config: placed('range', maker, STEPS),
    });
    const { state } = await made.state('28');
    const program = levelProgram(made.levels[1], made.transform.tensor);
    writeFileSync(join(project, 'made.onnx'), await made.engine.export(program, state));

    const given = upscale({ file: 'made.onnx', ratio: 2, range: '-1..1', layout: 'nhwc' });
    const taken = await train({
      name: 'onnx-taken',
      only: ['28'],
      jobs: 1,
      config: placed('channel', given, 1),
    });
    const set = await images();
    const { pixels } = set.read({ count: count(500) });
    const views = await taken.views('28', pixels);
    const real = views.toPixels(views.image);
    const drawn = views.toPixels(await views.draw());
    const low = views.toPixels(views.low);
    const one = real.length / views.count;
    const first = (all) => all.subarray(0, SHOWN * one);
    await picture({
      caption:
        'CIFAR-10 test images at 14×14, enlarged; as the file draws them; the real images at 28×28.',
      size: views.size,
      scale: 1,
      rows: [
        { label: 'coarse', pixels: first(low) },
        { label: 'file', pixels: first(drawn) },
        { label: 'real', pixels: first(real) },
      ],
    });

    // Whole images of 32×32 from their halves: four tiles of 14×14 each.
    const { plain } = taken.transform;
    const runner = await taken.runner('28');
    const whole = set.read({ count: count(60), crop: 32 }).pixels;
    const size = FULL[0] * FULL[1] * 3;
    const many = whole.length / size;
    const larger = { tiled: [], plain: [] };
    let shown;
    for (let at = 0; at < many; at += 1) {
      const full = whiten(
        whole.subarray(at * size, (at + 1) * size),
        [1, ...FULL, 3],
        taken.whitening,
      );
      const half = plain.downsample(full, HALF);
      const enlarged = await enlargeImage(runner, plain, half, { seed: 1 });
      larger.tiled.push(dewhiten(enlarged, taken.whitening));
      larger.plain.push(dewhiten(plain.upsample(half, FULL), taken.whitening));
      if (at === 1) shown = full;
    }
    const twice = [64, 64];
    const again = await enlargeImage(runner, plain, imageBatch(shown.shape, shown.data), {
      seed: 1,
    });
    await picture({
      name: 'enlarged',
      caption:
        'A test image of 32×32 at 64×64: by plain upsampling, and by the file, tile by tile.',
      size: twice,
      scale: 2,
      rows: [
        {
          pixels: Buffer.concat([
            dewhiten(plain.upsample(shown, twice), taken.whitening),
            dewhiten(again, taken.whitening),
          ]),
        },
      ],
    });
    const dB = (some) => psnr(some, real, views.count);
    const wholes = (all) => psnr(Buffer.concat(all), whole, many);
    const upsampled = { level: dB(low), tiled: wholes(larger.plain) };
    return {
      trained:
        '`superResolve` 14 → 28, supervised, CIFAR-10, exported; its file as a level by `upscale`, which trains nothing',
      steps: steps(STEPS),
      figures: [
        {
          name: 'PSNR',
          value: dB(drawn),
          unit: 'dB',
          asked: Number((upsampled.level + 1).toFixed(2)),
        },
        { name: 'of plain upsampling', value: upsampled.level, unit: 'dB' },
        {
          name: '16 → 32 by tiles',
          value: wholes(larger.tiled),
          unit: 'dB',
          asked: Number(upsampled.tiled.toFixed(2)),
        },
        { name: 'of plain upsampling, 16 → 32', value: upsampled.tiled, unit: 'dB' },
      ],
      notes: [
        'The file is one that the framework itself exported. It takes images with the channels last, of one size, and numbers of −1…1.',
      ],
    };
  },
};
