// A picture of any size through the refining level of a trained run, and of its export.
import { readFile } from 'node:fs/promises';
import { decodeImage, encodePng, type Picture } from '@lapyra/images';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestProject } from './test-project.js';
import { createTrainedProject } from './trained-project.js';

let project: TestProject;
beforeAll(async () => {
  project = createTrainedProject();
  expect(await project.ask(['export', '--out', 'shipped'])).toMatchObject({ code: 0 });
  await give('colours.png', [20, 36], 3);
  await give('seen-through.png', [16, 12], 4);
});
afterAll(() => project.remove());

/** A picture of slopes, in the project. */
async function give(file: string, size: readonly [number, number], channels: 3 | 4): Promise<void> {
  const pixels = Uint8Array.from({ length: size[0] * size[1] * channels }, (_, at) => {
    const pixel = Math.floor(at / channels);
    return 40 + 5 * (at % channels) + 4 * (pixel % size[1]) + Math.floor(pixel / size[1]);
  });
  project.write(file, await encodePng({ size, channels, pixels }));
}

const picture = (file: string): Promise<Picture> => decodeImage(project.path(file));

describe('lapyra enlarge', () => {
  it('enlarges a picture, the same again with the same seed, from a run and from its export', async () => {
    const enlarge = async (from: string, out: string, seed: string): Promise<Picture> => {
      const ended = await project.ask(
        ['enlarge', from, 'colours.png', '--seed', seed].concat('--out', out, '--json'),
      );
      expect(ended).toMatchObject({ code: 0 });
      expect(JSON.parse(ended.stdout)).toMatchObject({
        levels: ['14'],
        before: [20, 36],
        size: [35, 63],
        seed: Number(seed),
      });
      return picture(out);
    };
    const first = await enlarge('tiny', 'a.png', '3');
    expect(first.size).toEqual([35, 63]);
    await enlarge('tiny', 'b.png', '3');
    expect(await readFile(project.path('b.png'))).toEqual(await readFile(project.path('a.png')));
    const other = await enlarge('tiny', 'c.png', '4');
    expect(other.pixels).not.toEqual(first.pixels);
    const shipped = await enlarge('shipped', 'd.png', '3');
    let most = 0;
    shipped.pixels.forEach((value, at) => {
      most = Math.max(most, Math.abs(value - first.pixels[at]!));
    });
    expect(most).toBeLessThanOrEqual(1);
  });

  it('goes on with what it made, and keeps alpha', async () => {
    const ended = await project.ask([
      'enlarge',
      'tiny',
      'seen-through.png',
      '--times',
      '2',
      '--out',
      'twice.png',
    ]);
    expect(ended.stderr).toContain('sides are multiples of 4');
    expect(ended.code).toBe(1);
    const once = await project.ask(['enlarge', 'tiny', 'seen-through.png', '--out', 'once.png']);
    expect(once).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('enlarged 16x12 to 28x21 with level 14') as string,
    });
    const { channels, size, pixels } = await picture('once.png');
    expect([channels, ...size]).toEqual([4, 28, 21]);
    // Alpha rises along a row and down a column, from 55 to 55 + 44 + 15.
    const alpha = pixels.filter((_, at) => at % 4 === 3);
    expect([alpha[0], alpha.at(-1)]).toEqual([55, 114]);
  });

  it.each([
    [['tiny', 'colours.png', '--level', '8'], "level: expected a refining level of 14, got '8'."],
    [['tiny', 'none.png'], 'none.png'],
    [['tinny', 'colours.png'], "got 'tinny'"],
    [['tiny', 'colours.png', '--class', 'cat'], 'class: expected a class-conditional pyramid'],
  ])('refuses %j', async (args, said) => {
    const ended = await project.ask(['enlarge', ...args, '--out', 'no.png']);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(said);
  });
});
