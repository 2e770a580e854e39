import { cifar10 } from '@lapyra/dataset-cifar10';
import { dense } from '@lapyra/level-adversarial';
import { superResolve } from '@lapyra/level-super-resolution';
import { boxBilinear } from '@lapyra/transform-laplacian';

const SHOWN = 8;
const MEASURED = 1000;

const generator = { width: 48, blocks: 2, kernel: 3, batchNorm: false, upsampling: 'shuffle' };
const discriminator = { width: 24, pairs: 3, units: 64, batchNorm: false };
const shared = {
  output: 'band',
  generator,
  discriminator,
  batch: { real: 16, generated: 16, generator: 16 },
  average: 0.99,
};
const adam = { kind: 'adam', decayFrom: 0.5, decayTo: 0.02 };
const none = { pixel: { weight: 0 }, content: { weight: 0 }, adversarial: 0, variation: 0 };

/** The same network with three kinds of losses. */
const LEVELS = {
  supervised: {
    steps: 900,
    model: superResolve({
      ...shared,
      optimiser: { ...adam, rate: 2e-3, beta1: 0.9 },
      losses: { ...none, pixel: { weight: 1 } },
    }),
  },
  adversarial: {
    steps: 500,
    model: superResolve({
      ...shared,
      optimiser: { ...adam, rate: 1e-3, beta1: 0.5 },
      losses: { ...none, adversarial: 1 },
    }),
  },
  hybrid: {
    steps: 500,
    model: superResolve({
      ...shared,
      optimiser: { ...adam, rate: 1e-3, beta1: 0.5 },
      losses: {
        ...none,
        pixel: { weight: 3 },
        content: { layer: 'conv2', weight: 0.2 },
        adversarial: 1,
        lowPass: 100,
      },
    }),
  },
};

export const row = {
  plugin: '@lapyra/level-super-resolution',
  title:
    'One residual network 14 → 28 with three kinds of losses, on test images given their true coarse ones. Supervised, it is nearer to them than plain upsampling is. The hybrid keeps the coarse image, ‖d(out) − coarse‖, better than the purely adversarial one, with detail that is more like real detail than the supervised: energy of the band, and sliced Wasserstein score.',
  async run({ train, cifar10: images, picture, count, steps, psnr }) {
    const trainAs = (name) =>
      train({
        name,
        only: ['28'],
        jobs: 1,
        config: {
          data: { from: cifar10(), crop: 28, flip: true, whitening: 'channel' },
          transform: boxBilinear(),
          levels: [
            { size: 14, steps: 1, model: dense() }, // stands there, is not trained
            // Scored once, since that takes as long as some dozens of steps.
            { size: 28, ...LEVELS[name], scoreEvery: 10_000, nearest: { k: 1, images: 16 } },
          ],
        },
      });
    // Two at once: the longer one beside the two that take as long together.
    const [supervised, [adversarial, hybrid]] = await Promise.all([
      trainAs('supervised'),
      trainAs('adversarial').then(async (first) => [first, await trainAs('hybrid')]),
    ]);
    const { pixels } = (await images()).read({ count: count(MEASURED, 64) });
    const seen = await Promise.all(
      Object.entries({ supervised, adversarial, hybrid }).map(([name, run]) =>
        measure(name, run, pixels, psnr),
      ),
    );
    const [{ views }] = seen;
    const cut = (all) => all.subarray(0, SHOWN * 28 * 28 * 3);
    await picture({
      caption:
        'CIFAR-10 test images at 14×14, enlarged; the supervised, the adversarial and the hybrid level; the real images at 28×28.',
      size: views.size,
      rows: [
        { label: 'coarse', pixels: cut(views.toPixels(views.low)) },
        ...seen.map(({ name, drawn }) => ({ label: name, pixels: cut(drawn) })),
        { label: 'real', pixels: cut(views.toPixels(views.image)) },
      ],
    });
    const [byName, plain] = [Object.fromEntries(seen.map((one) => [one.name, one])), seen[0].plain];
    const { baselines } = supervised.reports['28'];
    const digits = (value, n = 4) => Number(value.toPrecision(n));
    return {
      trained: 'a residual network of 2 blocks of 48 planes, 14 → 28, three times, CIFAR-10',
      steps: Object.values(LEVELS)
        .map((level) => steps(level.steps))
        .join(' + '),
      figures: [
        {
          name: 'supervised, PSNR above upsampling',
          value: byName.supervised.psnr - plain,
          unit: 'dB',
          asked: 2,
        },
        {
          name: 'hybrid, mean |d(out) − coarse|²',
          value: byName.hybrid.drift,
          better: 'lower',
          asked: digits(byName.adversarial.drift),
        },
        { name: 'adversarial, the same', value: byName.adversarial.drift },
        { name: 'supervised, the same', value: byName.supervised.drift },
        // Nearer to real, from above or from below: too much detail is as wrong as too little.
        {
          name: 'hybrid, energy of the band off that of real ones',
          value: offReal(byName.hybrid),
          unit: '%',
          better: 'lower',
          asked: digits(offReal(byName.supervised)),
        },
        { name: 'supervised, the same', value: offReal(byName.supervised), unit: '%' },
        { name: 'adversarial, the same', value: offReal(byName.adversarial), unit: '%' },
        { name: 'hybrid, energy of the band ÷ that of real ones', value: byName.hybrid.energy },
        { name: 'supervised, the same', value: byName.supervised.energy },
        { name: 'adversarial, the same', value: byName.adversarial.energy },
        {
          name: 'hybrid, score',
          value: byName.hybrid.score,
          better: 'lower',
          asked: digits(byName.supervised.score),
        },
        { name: 'supervised, the same', value: byName.supervised.score },
        { name: 'adversarial, the same', value: byName.adversarial.score },
        { name: 'upsampling, the same', value: baselines.upsampled },
        { name: 'hybrid, PSNR above upsampling', value: byName.hybrid.psnr - plain, unit: 'dB' },
        {
          name: 'adversarial, PSNR above upsampling',
          value: byName.adversarial.psnr - plain,
          unit: 'dB',
        },
      ],
    };
  },
};

/** How far the energy of the band is from that of real ones, in percent of it. */
function offReal({ energy }) {
  return 100 * Math.abs(energy - 1);
}

/** What a level draws from the true coarse images of test images, and how far that is from them. */
async function measure(name, run, pixels, psnr) {
  const views = await run.views('28', pixels);
  const image = await views.draw();
  const drawn = views.toPixels(image);
  const truth = views.toPixels(views.image);
  const energy = (of) =>
    of.reduce((sum, value, at) => sum + (value - views.low.data[at]) ** 2, 0) / of.length;
  const back = views.downsample(image).data;
  const gaps = back.map((value, at) => (value - views.coarse.data[at]) ** 2);
  return {
    name,
    views,
    drawn,
    psnr: psnr(drawn, truth, views.count),
    plain: psnr(views.toPixels(views.low), truth, views.count),
    drift: gaps.reduce((sum, value) => sum + value, 0) / gaps.length,
    energy: energy(image.data) / energy(views.image.data),
    score: run.reports['28'].best.value,
  };
}
