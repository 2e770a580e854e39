import { cifar10 } from '@lapyra/dataset-cifar10';
import { dense, refine } from '@lapyra/level-adversarial';
import { noiseReport } from '@lapyra/runtime';
import { boxBilinear } from '@lapyra/transform-laplacian';

const STEPS = 600;
const REDRAWS = 16;

// From the paper's plane to no noise at all.
const DESIGNS = {
  plane: { design: 'plane' },
  'plane, gain from 0': { design: 'plane', distribution: 'normal', gain: 0 },
  'vector 8': { design: 'vector', length: 8 },
  'low rank 8': { design: 'low-rank', rank: 8 },
  'low rank 8, fixed': { design: 'low-rank', rank: 8, basis: 'fixed' },
  'hashed 16': { design: 'hashed', variables: 16 },
  none: { design: 'none' },
};

// The level 8 → 14 of the preset cifar10-quick, but purely adversarial: a pixel loss would suppress the noise.
const model = (noise) =>
  refine({
    noise,
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
    average: 0.99,
  });

/** Columns of the picture, for each image: the one below, some draws from it, the real one. */
const SHOWN = 1;
const DRAWS = 4;

export const row = {
  plugin: '@lapyra/level-adversarial',
  title:
    'Noise designs on one level, from the paper’s one random number a pixel to none: bits of noise drawn for an image, sliced Wasserstein score, share of the bands’ variance that the noise explains, and distance to the nearest of 16 draws, on validation images given their true coarse images.',
  async run({ train, cifar10: images, picture, project, count, steps, log }) {
    const { pixels } = (await images()).read({ count: SHOWN });
    const rows = [];
    const found = [];
    for (const [index, [name, noise]] of Object.entries(DESIGNS).entries()) {
      const run = await train({
        name: `noise-${index}`,
        only: ['14'],
        config: {
          data: { from: cifar10(), crop: 28, flip: true, whitening: 'channel' },
          transform: boxBilinear(),
          levels: [
            { size: 8, steps: 1, model: dense() }, // stands there, is not trained
            {
              size: 14,
              steps: STEPS,
              scoreEvery: steps(STEPS),
              nearest: { k: REDRAWS, images: 64 },
              model: model(noise),
            },
            { size: 28, steps: 1, model: model(noise) },
          ],
        },
      });
      const { levels } = await noiseReport(
        {
          folder: project,
          run: run.folder,
          levels: ['14'],
          images: count(100),
          redraws: REDRAWS,
          backend: 'auto',
        },
        { notice: log, progress: () => undefined },
      );
      const { best, baselines } = run.reports['14'];
      found.push({ ...levels[0], name, score: best.value, baselines });
      rows.push({ label: name, pixels: await drawn(await run.views('14', pixels)) });
      log(
        `${name}: score ${best.value.toPrecision(3)}, by noise ${levels[0].share.toPrecision(3)}`,
      );
    }
    await picture({
      caption:
        'A CIFAR-10 test image at 8×8, enlarged; four draws from it; the real one at 14×14. A row a design.',
      size: [14, 14],
      rows,
    });
    const [{ baselines, realAtMost }] = found;
    return {
      trained: `\`refine\` 8 → 14 with ${found.length} noise designs, CIFAR-10`,
      steps: `${found.length} × ${steps(STEPS)}`,
      figures: [
        // Each is better than no detail at all.
        ...found.map(({ name, score }) => ({
          name: `score, ${name}`,
          value: score,
          better: 'lower',
          asked: Number(baselines.upsampled.toPrecision(4)),
        })),
        ...found.map(({ name, share }) => ({ name: `by noise, ${name}`, value: share })),
      ],
      notes: [
        table(found),
        `Of no band at all: score ${short(baselines.upsampled)}, distance ${short(baselines.nearest.upsampled)}; score of real bands: ${short(baselines.real)}. Of real bands’ variance the image below leaves at most ${short(realAtMost)} open. One training each: with another seed the same design may score tens of points higher or lower.`,
      ],
    };
  },
};

/** Coarse, several draws, real: for each image. */
async function drawn(views) {
  const columns = [views.toPixels(views.low)];
  for (let round = 0; round < DRAWS; round += 1)
    columns.push(views.toPixels(await views.draw({ round })));
  columns.push(views.toPixels(views.image));
  const one = columns[0].length / views.count;
  return Buffer.concat(
    Array.from({ length: views.count }, (_, image) =>
      columns.map((all) => all.subarray(image * one, (image + 1) * one)),
    ).flat(),
  );
}

function table(found) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [
    line(['noise', 'variables', 'bits', 'score', 'by noise', 'nearest of 16', 'drawn/real']),
    line(Array(7).fill('---')),
    ...found.map((one) =>
      line([
        one.name,
        String(one.noiseVariables),
        short(one.entropyBits),
        short(one.score),
        short(one.share),
        short(one.baselines.nearest.trained),
        short((one.byNoise + one.byCoarse) / one.real),
      ]),
    ),
  ].join('\n');
}

function short(value) {
  return String(Number(value.toPrecision(3)));
}
