import { plainViews, randomStream, whiten } from '@lapyra/core';
import { emoji } from '@lapyra/dataset-emoji';
import { charNgrams } from '@lapyra/encoder-text';
import { textFirst, textRefine } from '@lapyra/level-text-conditional';
import { loadBestCheckpoint, runPaths } from '@lapyra/training';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { unseenEmojis } from '../emoji-images.mjs';

const SIDE = 16;
const AMONG = 10;
const STEPS = { 8: 1500, 16: 800 };
// Measured once, at the end, and little, for the sake of time.
const sparing = (size) => ({
  size,
  steps: STEPS[size],
  scoreEvery: STEPS[size],
  nearest: { k: 1, images: 16 },
});

const data = { size: SIDE };
const encoder = { width: 256 };
const shared = {
  batch: { real: 32, generated: 32, generator: 32 },
  optimiser: { kind: 'adam', rate: 1e-3, beta1: 0.5, decayFrom: 0.5, decayTo: 0.05 },
  average: 0.98,
  textUnits: 64,
};
const config = {
  data: { from: emoji(data), whitening: 'channel' },
  condition: { text: charNgrams(encoder) },
  transform: boxBilinear(),
  levels: [
    {
      ...sparing(8),
      model: textFirst({
        noise: 32,
        generator: { width: 48 },
        discriminator: { width: 48, batchNorm: false, dropout: 0.3 },
        ...shared,
      }),
    },
    {
      ...sparing(16),
      model: textRefine({
        generator: { width: 24, kernels: [5, 3, 3] },
        discriminator: { width: 24, batchNorm: false, dropout: 0.3 },
        pixelLoss: 10,
        ...shared,
      }),
    },
  ],
};

const PAIRS = [
  ['red heart', 'blue heart'],
  ['grinning face', 'norway flag'],
];
const SHOWN = [
  'red heart',
  'green heart',
  'norway flag',
  'grinning face',
  'cat face',
  'clock face one oclock',
];

export const row = {
  plugin: '@lapyra/level-text-conditional',
  title:
    "A text-conditional pyramid (GAN-INT-CLS) on emoji names: how far the discriminators' logit falls when the text is a wrong one, and how often the right image is found for a text among 10, both on images whose names were in no training text; how even the steps are from one text to another. Images: Twemoji, © Twitter, Inc and other contributors, CC BY 4.0.",
  async run(context) {
    const { train, picture, seeds, count, log } = context;
    const run = await train({ name: 'text-conditional', config });
    const unseen = (await unseenEmojis(data, log)).slice(0, count(1000, 12));
    const judge = await judgeOf(run, unseen);

    const figures = [];
    // The name alone, and the name with its kind, such as "leopard, animal mammal".
    const [byName, byKind] = await Promise.all(
      [(texts) => texts[0], (texts) => texts.at(-1)].map(judge),
    );
    const fall = mean(
      unseen.map((_, i) => byKind[i][i] - mean(byKind[i].filter((__, j) => j !== i))),
    );
    const spread = mean(seeds.map((seed) => found(byKind, seed)));
    figures.push(
      {
        name: 'logit of the right text over that of wrong ones, unseen names',
        value: fall,
        unit: 'nats',
        asked: 0.2,
      },
      {
        name: `right image first of ${AMONG}, unseen names with their kind (chance 10 %)`,
        value: 100 * spread,
        unit: '%',
        asked: 20,
      },
      {
        name: 'the same by the name alone',
        value: 100 * mean(seeds.map((seed) => found(byName, seed))),
        unit: '%',
        asked: beyondChance(unseen.length),
      },
    );

    const rows = [];
    const evenness = [];
    for (const between of PAIRS) {
      const { levels } = await run.sample({ count: 9, seed: 1, between });
      const { pixels } = levels.at(-1);
      evenness.push(largestStep(pixels, 9));
      rows.push({ label: between[1], pixels });
    }
    figures.push({
      name: 'largest of 8 steps between two texts, as a part of the way from end to end',
      value: Math.max(...evenness),
      unit: '',
      asked: 0.5,
      better: 'lower',
    });
    await picture({
      name: 'between',
      caption: `From ${PAIRS.map(([a, b]) => `“${a}” to “${b}”`).join(', from ')}, same noise.`,
      rows,
      size: [SIDE, SIDE],
      scale: 3,
    });
    const { levels } = await run.sample({ count: 9, seed: 1, texts: SHOWN });
    const per = 9 * SIDE * SIDE * 3;
    await picture({
      caption: 'Samples for six texts; a column has the same noise.',
      rows: SHOWN.map((label, at) => ({
        label,
        pixels: levels.at(-1).pixels.subarray(at * per, (at + 1) * per),
      })),
      size: [SIDE, SIDE],
      scale: 3,
    });
    return {
      trained: 'emoji 16×16, 8 → 16, `charNgrams`, GAN-INT-CLS',
      steps: Object.values(STEPS).join(' + '),
      figures,
      notes: [
        `Retrieval: each of ${unseen.length} test emojis, one a group of names, against 9 others that are drawn, mean of three draws; the score is the sum of both levels' logits.`,
      ],
    };
  },
};

/** Both levels' critics: for a choice of texts, the summed logits of [text][image]. */
async function judgeOf(run, unseen) {
  const { encoder: made, critics } = await criticsOf(run, unseen);
  return async (choose) => {
    const { engine } = run;
    const signal = new AbortController().signal;
    const vectors = await made.encode(
      unseen.map(({ texts }) => choose(texts)),
      { engine, signal },
    );
    const { width } = made;
    const logits = [];
    for (let text = 0; text < unseen.length; text++) {
      const condition = new Float32Array(unseen.length * width);
      for (let at = 0; at < unseen.length; at++)
        condition.set(vectors.subarray(text * width, (text + 1) * width), at * width);
      const sums = new Float32Array(unseen.length);
      for (const critic of critics) {
        const given = { dtype: 'float32', shape: [unseen.length, width], data: condition };
        const { logits: told } = await critic.run({ image: critic.image, condition: given });
        told.data.forEach((value, at) => (sums[at] += value));
      }
      logits.push([...sums]);
    }
    return logits;
  };
}

async function criticsOf(run, unseen) {
  const { value } = await charNgrams.plugin.options['~standard'].validate(encoder);
  const made = await charNgrams.plugin.create(value, undefined);
  const pixels = new Uint8Array(unseen.length * SIDE * SIDE * 3);
  unseen.forEach((image, at) => pixels.set(image.pixels, at * SIDE * SIDE * 3));
  const full = whiten(pixels, [unseen.length, SIDE, SIDE, 3], run.whitening);
  const sizes = run.levels.map(({ place }) => place.size);
  const critics = [];
  for (const [index, level] of run.levels.entries()) {
    const { program } = level.training.critic;
    const { checkpoints } = runPaths(run.folder).level(String(level.place.size[0]));
    const { state } = (await loadBestCheckpoint(checkpoints)).checkpoint;
    const opened = await run.engine.open(
      Object.fromEntries(program.reads.map((name) => [name, state[name]])),
    );
    const compiled = await opened.compile(program, unseen.length);
    const { image } = plainViews(run.transform.plain, full, sizes, index);
    critics.push({
      run: (inputs) => compiled.run(inputs),
      image: { dtype: 'float32', shape: image.shape, data: image.data },
    });
  }
  return { encoder: made, critics };
}

/** How often a text's own image has the highest logit among itself and others that are drawn. */
function found(logits, seed) {
  const images = logits.length;
  let right = 0;
  for (const [text, all] of logits.entries()) {
    const others = [];
    const stream = randomStream(seed, 'retrieval', text);
    while (others.length < Math.min(AMONG, images) - 1) {
      const [other] = stream.integers(1, images);
      if (other !== text && !others.includes(other)) others.push(other);
    }
    if (others.every((other) => all[other] < all[text])) right += 1;
  }
  return right / images;
}

/** In percent: two standard errors above what is right by chance, of so many texts. */
function beyondChance(texts) {
  const chance = 1 / AMONG;
  const error = Math.sqrt((chance * (1 - chance)) / texts);
  return Number((100 * (chance + 2 * error)).toFixed(1));
}

/** The largest distance between neighbours in a row, by that between its ends. */
function largestStep(pixels, count) {
  const per = pixels.length / count;
  const distance = (a, b) => {
    let sum = 0;
    for (let i = 0; i < per; i++) sum += (pixels[a * per + i] - pixels[b * per + i]) ** 2;
    return Math.sqrt(sum);
  };
  const steps = Array.from({ length: count - 1 }, (_, at) => distance(at, at + 1));
  return Math.max(...steps) / distance(0, count - 1);
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
