import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchmarkTable, withTable } from '../bench/table.mjs';
import { read } from './markdown.mjs';
import { root } from './run.mjs';

const measured = {
  cpu: 'A processor',
  node: 'v20.20.2',
  torch: { version: '2.9.0', mkldnn: true },
  steps: 20,
  rows: [
    {
      net: 'paper 8→14',
      threads: 2,
      ours_ms: 123.4,
      peer: 'PyTorch 2.9.0, 2 threads',
      peer_ms: 61.7,
      ratio: 2,
      memory_bytes: 300 * 2 ** 20,
      peer_memory_bytes: 400.4 * 2 ** 20,
    },
    { net: 'alone', threads: 1, ours_ms: 5.678, peer: null, peer_ms: null, ratio: null },
  ],
};

describe('benchmarkTable', () => {
  it('has a row for each network, with what was measured of it', () => {
    expect(benchmarkTable(measured).split('\n')).toEqual([
      'A processor, Node 20.20.2, PyTorch 2.9.0 (with oneDNN); medians of 20 steps.',
      '',
      '| network    | threads | ours, ms | against                  | its ms | ratio | our peak, MiB | its peak, MiB |',
      '| ---------- | ------- | -------- | ------------------------ | ------ | ----- | ------------- | ------------- |',
      '| paper 8→14 | 2       | 123      | PyTorch 2.9.0, 2 threads | 62     | 2.00  | 300           | 400           |',
      '| alone      | 1       | 5.68     |                          |        |       |               |               |',
    ]);
  });
});

describe('docs/benchmarks.md', () => {
  it('has room for the table, and the table of the figures that are there', () => {
    const document = read('docs/benchmarks.md');
    expect(withTable(document, 'a table')).toContain('a table');
    const file = 'docs/benchmarks/step.json';
    const expected = existsSync(join(root, file))
      ? withTable(document, benchmarkTable(JSON.parse(read(file))))
      : document;
    expect(document).toBe(expected);
  });
});
