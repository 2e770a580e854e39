// A pyramid that draws what a text says: trained on captioned pictures, drawn by texts, tuned, and held to its captions.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { encodePng } from '@lapyra/images';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestProject, type Ended, type TestProject } from './test-project.js';

let project: TestProject;
const COUNT = 40;
const colours = { red: [220, 20, 30], green: [20, 200, 40], blue: [30, 40, 210] } as const;
const names = Object.keys(colours) as (keyof typeof colours)[];
const batch = { real: 4, generated: 4, generator: 4 };
const discriminator = { width: 4 };
const each = { steps: 4, checkpointEvery: 2, scoreEvery: 4, scoreImages: 8 };
const config = {
  name: 'told',
  data: {
    from: {
      use: '@lapyra/dataset-captions#captions',
      options: { folder: 'pictures', list: 'list.jsonl', size: 16 },
    },
    validation: 8,
  },
  condition: { text: { use: '@lapyra/encoder-text#charNgrams', options: { width: 16 } } },
  transform: { use: '@lapyra/transform-laplacian#boxBilinear', options: {} },
  levels: [
    {
      size: 8,
      ...each,
      model: {
        use: '@lapyra/level-text-conditional#textFirst',
        options: {
          noise: 4,
          generator: { width: 4 },
          style: { width: 4, from: 0, batch: 4 },
          textUnits: 4,
          discriminator,
          batch,
        },
      },
    },
    {
      size: 16,
      ...each,
      model: {
        use: '@lapyra/level-text-conditional#textRefine',
        options: { generator: { width: 4, kernels: [3, 3] }, textUnits: 4, discriminator, batch },
      },
    },
  ],
};

/** A list that calls each picture by its colour, and by whatever else is said. */
const list = (more: string): string =>
  Array.from({ length: COUNT }, (_, at) =>
    JSON.stringify({
      file: `${at}.png`,
      texts: [`a ${names[at % 3]} square`, `${names[at % 3]} ${more}`],
    }),
  ).join('\n');

const lapyra = (...args: readonly string[]): Promise<Ended> => project.ask(args);

beforeAll(async () => {
  project = createTestProject([
    '@lapyra/dataset-captions',
    '@lapyra/encoder-text',
    '@lapyra/level-text-conditional',
  ]);
  for (let at = 0; at < COUNT; at += 1) {
    const colour = colours[names[at % 3]!];
    const pixels = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => colour[i % 3]! + (at % 7));
    project.write(`pictures/${at}.png`, await encodePng({ size: [16, 16], channels: 3, pixels }));
  }
  project.write('pictures/list.jsonl', list('for a start'));
  project.configure(config);
  const { code, stderr } = await lapyra('train');
  expect(code, stderr).toBe(0);
});
afterAll(() => project.remove());

describe('a pyramid of texts', () => {
  it('draws a row for each text, all rows from the same noise', async () => {
    const args = ['sample', 'told', '--text', 'a red square', '--text', 'a blue one', '-n', '3'];
    const { code, stdout, stderr } = await lapyra(...args, '--out', 'rows.png', '--json');
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      count: 6,
      captions: [...Array(3).fill('a red square'), ...Array(3).fill('a blue one')],
    });
    const one = await lapyra('sample', 'told', '--text', 'a blue one', '-n', '3', '--out', 'blue');
    expect(one.code, one.stderr).toBe(0);
    const all = await lapyra(...args, '--out', 'all');
    expect(all.code, all.stderr).toBe(0);
    const pictures = (folder: string): Buffer[] =>
      readdirSync(project.path(folder))
        .toSorted()
        .map((file) => readFileSync(project.path(folder, file)));
    const [red, blue] = [pictures('all').slice(0, 3), pictures('all').slice(3)];
    expect(blue).toEqual(pictures('blue'));
    expect(blue).not.toEqual(red);
  });

  it('draws from one text to another, in the style of a picture, and for its own captions', async () => {
    const row = ['--interpolate', 'a red square', 'a blue square', '-n', '5', '--json'];
    const between = await lapyra('sample', 'told', ...row, '--out', 'between.png');
    expect(between.code, between.stderr).toBe(0);
    expect(JSON.parse(between.stdout).captions).toHaveLength(5);
    // The flag takes what follows it: the run may stand behind the texts, too.
    const behind = ['--interpolate', 'a red square', 'a blue square', 'told', '-n', '5'];
    const same = await lapyra('sample', ...behind, '--out', 'behind.png');
    expect(same.code, same.stderr).toBe(0);
    expect(readFileSync(project.path('behind.png'))).toEqual(
      readFileSync(project.path('between.png')),
    );
    const styled = ['--text', 'a red square', '--style', 'pictures/1.png', '--out', 'styled.png'];
    const drawn = await lapyra('sample', 'told', ...styled);
    expect(drawn.code, drawn.stderr).toBe(0);
    project.write('own.txt', 'the caption of a picture');
    const own = await lapyra('sample', 'told', '-n', '4', '--out', 'own.png');
    expect(own.code, own.stderr).toBe(0);
    expect(readFileSync(project.path('own.txt'), 'utf8')).toBe('the caption of a picture');
    const captions = readFileSync(project.path('own.captions.txt'), 'utf8').trim().split('\n');
    expect(captions).toHaveLength(4);
    for (const caption of captions) expect(caption).toMatch(/^a (red|green|blue) square$/);
  });

  it('is measured and tuned, and the tuned copy knows its captions too', async () => {
    const few = ['--images', '4', '--rounds', '1'];
    const tuned = await lapyra('finetune', 'told', '--steps', '2', '--batch', '4', ...few);
    expect(tuned.code, tuned.stderr).toBe(0);
    const own = await lapyra('sample', 'told-finetuned', '-n', '2', '--out', 'tuned.png');
    expect(own.code, own.stderr).toBe(0);
    expect(existsSync(project.path('tuned.captions.txt'))).toBe(true);
  });

  it('refuses what it cannot be told', async () => {
    const empty = await lapyra('sample', 'told', '--text', ' ');
    expect(empty.code).toBe(1);
    expect(empty.stderr).toContain(
      'charNgrams: expected a text of one character or more, got " ". (LAPYRA_TEXT_EMPTY)',
    );
    const long = await lapyra('sample', 'told', '--text', 'x'.repeat(1001));
    expect(long.code).toBe(1);
    expect(long.stderr).toContain('expected a text of at most 1000 characters, got 1001');
    const asked = await lapyra('sample', 'told', '--class', 'red');
    expect(asked.stderr).toContain('expected a class-conditional pyramid');
    const alone = await lapyra('sample', 'told', '--interpolate', 'a red square');
    expect(alone.stderr).toContain(
      "interpolate: expected two texts beside the run told, got 1: 'a red square'.",
    );
    const third = await lapyra('sample', 'told', '--interpolate', 'red', 'blue', 'green');
    expect(third.stderr).toContain(
      "interpolate: expected two texts beside the run told, got 3: 'red', 'blue', 'green'.",
    );
    for (const [other, got] of [
      [['--from', 'pictures/2.png'], 'an image to start from'],
      [['--reroll', '8=5'], 'another seed for it'],
    ] as const) {
      const style = await lapyra('sample', 'told', '--style', 'pictures/1.png', ...other);
      expect(style.code).toBe(1);
      expect(style.stderr).toContain(
        `style: expected level 8 to draw from the noise found for the picture, got ${got}.`,
      );
    }
  });

  it('refuses captions that its encoder cannot read, before it trains', async () => {
    const encoder = { ...config.condition.text, options: { width: 16, longest: 6 } };
    project.configure({ ...config, name: 'short', condition: { text: encoder } });
    try {
      const { code, stderr } = await lapyra('train');
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /charNgrams: expected a text of at most 6 characters, got \d+: "a (red|green|blue) square…"\. \(LAPYRA_TEXT_LENGTH\)/,
      );
      expect(existsSync(project.path('runs', 'short', 'levels'))).toBe(false);
    } finally {
      project.configure(config);
    }
  });

  it('is not measured by other captions than it was trained with, nor trained on', async () => {
    project.write('pictures/list.jsonl', list('again'));
    try {
      for (const args of [['gap', 'told'], ['noise', 'told'], ['train']]) {
        const { code, stderr } = await lapyra(...args);
        expect(code).toBe(1);
        expect(stderr).toContain('expected the captions that it was started with (');
        expect(stderr).toContain('LAPYRA_RUN_DATA');
      }
    } finally {
      project.write('pictures/list.jsonl', list('for a start'));
    }
    const again = await lapyra('gap', 'told', '--images', '4', '--rounds', '1');
    expect(again.code, again.stderr).toBe(0);
  });
});
