// The presets of the paper for large pictures: `lapyra init`, then `lapyra plan`, on a few pictures.
import { encodePng } from '@lapyra/images';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestProject, type TestProject } from './test-project.js';

let project: TestProject;
beforeAll(() => {
  project = createTestProject();
});
afterAll(() => project.remove());

describe('a preset for large pictures', () => {
  it.each([
    {
      preset: 'lsun',
      rows: [
        /^ +4 +first +level-adversarial#dense/m,
        /^ +8 +4 → 8 +level-adversarial#denseRefine/m,
        // 1 090 208 weights and 64 + 368 + 128 + 224 biases of G; 706 448 and 912 of D, and its last layer.
        /^ +32 +16 → 32 +level-adversarial#lsunRefine +1 964 753/m,
        /^ +64 +32 → 64 +level-adversarial#lsunRefine/m,
      ],
    },
    {
      preset: 'stl10',
      rows: [
        /^ +8 +first +level-adversarial#dense/m,
        /^ +16 +8 → 16 +level-adversarial#refine/m,
        /^ +96 +64 → 96 +level-adversarial#refine/m,
      ],
    },
  ])('$preset can be planned', async ({ preset, rows }) => {
    for (let picture = 0; picture < 24; picture++) {
      const pixels = Uint8Array.from(
        { length: 100 * 120 * 3 },
        (_, at) => (at * 7 + picture * 31) % 256,
      );
      project.write(
        `${preset}/images/${picture}.png`,
        await encodePng({ pixels, size: [100, 120], channels: 3 }),
      );
    }
    const made = await project.ask(['init', preset, '--preset', preset]);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const planned = await project.ask(['plan'], { in: preset });
    expect(planned).toMatchObject({ code: 0, stderr: '' });
    const plain = planned.stdout.replaceAll(/[^\S\n]/g, ' '); // numbers have narrow spaces
    for (const row of rows) expect(plain).toMatch(row);
  });
});
