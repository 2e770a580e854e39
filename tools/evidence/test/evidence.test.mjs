import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../../scripts/run.mjs';
import { evidenceDocument, isReached, summary } from '../document.mjs';
import { BUDGET, findRows } from '../find-rows.mjs';
import { readResults } from '../results.mjs';

const rows = await findRows();
const results = readResults();
const manifest = (folder) =>
  JSON.parse(readFileSync(join(root, 'plugins', folder, 'package.json'), 'utf8'));
const plugins = readdirSync(join(root, 'plugins')).map((folder) => manifest(folder).name);

describe('a row', () => {
  it.each(rows)('$name says what it shows and of which plugin, and keeps to the budget', (row) => {
    expect(plugins).toContain(row.plugin);
    expect(row).toMatchObject({ title: expect.stringMatching(/\.$/), run: expect.any(Function) });
    expect(row.budgetSeconds).toBeLessThanOrEqual(BUDGET);
  });

  it('is there for each plugin with levels', () => {
    const levels = plugins.filter((name) => name.startsWith('@lapyra/level-'));
    expect(levels.filter((name) => !rows.some(({ plugin }) => plugin === name))).toEqual([]);
  });
});

describe('isReached', () => {
  it('looks from the better side, and asks nothing where nothing is asked', () => {
    const figure = (value, asked, better) => isReached({ value, asked, better });
    expect([figure(8, 8), figure(7.9, 8), figure(8.1, 8)]).toEqual([true, false, true]);
    expect([figure(8, 8, 'lower'), figure(8.1, 8, 'lower')]).toEqual([true, false]);
    expect(figure(8, null)).toBe(true);
  });
});

describe('docs/evidence.md', () => {
  it('has a result for every row, and each is what is asked', () => {
    expect(Object.keys(results).toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
    const short = Object.entries(results).filter(([, { figures }]) => !figures.every(isReached));
    expect(short.map(([name]) => name)).toEqual([]);
  });

  it('is what docs/evidence/results.json says', async () => {
    const document = readFileSync(join(root, 'docs/evidence.md'), 'utf8');
    expect(document).toBe(await evidenceDocument(results, rows));
  });

  it('has results of rows that are there, and small pictures that are there', () => {
    const names = rows.map(({ name }) => name);
    expect(Object.keys(results).filter((name) => !names.includes(name))).toEqual([]);
    for (const { pictures } of Object.values(results)) {
      for (const { file } of pictures) {
        const path = join(root, 'docs/evidence', file);
        expect(existsSync(path), file).toBe(true);
        expect(statSync(path).size, file).toBeLessThanOrEqual(60_000);
      }
    }
  });

  const machine = { processor: 'A processor', cores: 2, node: '20.1.0', onnxruntime: '1.2.3' };
  const result = {
    plugin: '@lapyra/level-a',
    title: 'What it shows.',
    trained: 'a level',
    steps: 900,
    seconds: 61,
    budgetSeconds: 240,
    figures: [{ name: 'PSNR', value: 24.31, unit: 'dB', asked: 23, better: 'higher' }],
    pictures: [{ file: 'a.png', caption: 'Drawn | real' }],
    notes: ['Of note.'],
    machine,
  };

  it('marks what is over its budget, and what falls short of what was asked', async () => {
    const slow = {
      ...result,
      seconds: 300,
      figures: [{ name: 'score', value: 9, unit: '', asked: 8, better: 'lower' }],
    };
    const named = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];
    const text = await evidenceDocument({ a: result, b: slow }, named);
    expect(text).toMatch(
      /\[a\]\(#a\) +\| `@lapyra\/level-a` +\| a level +\| 900 +\| 1 min 01 s +\| PSNR: 24\.31 dB \(asked: at least 23\) +\| `npm run evidence -- --row a` \|/,
    );
    expect(text).toMatch(
      /5 min 00 s \(over 4 min 00 s\) +\| score: 9 \(asked: at most 8, NOT reached\)/,
    );
    expect(text).toContain('Measured on A processor, 2 cores, Node 20.1.0, ONNX Runtime 1.2.3.');
    expect(text).not.toContain('[c]');
    expect(text).toContain('![Drawn | real](evidence/a.png)');
    expect(summary('b', slow)).toContain('OVER the budget of 240 s');
  });

  it('tells apart what was measured on several machines', async () => {
    const other = { ...result, machine: { ...machine, cores: 8 } };
    const text = await evidenceDocument({ a: result, b: other }, [{ name: 'a' }, { name: 'b' }]);
    expect(text).toContain('ONNX Runtime 1.2.3: a; A processor, 8 cores');
  });
});
