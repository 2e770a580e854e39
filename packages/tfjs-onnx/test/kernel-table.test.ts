import { readFileSync, writeFileSync } from 'node:fs';
import '@tensorflow/tfjs-backend-cpu';
import { expect, test } from 'vitest';
import { supportedKernels } from '@lapyra/tfjs-onnx';
import { KERNEL_SAMPLES } from './support/kernel-samples.js';
import { kernelRows, kernelTable } from './support/kernel-table.js';

const README = new URL('../README.md', import.meta.url);
const MARKS = /(<!-- kernels -->\n\n)([^]*?)(\n\n<!-- end -->)/;

test('the README’s table of kernels is what the registry gives', async () => {
  // Multinomial draws by itself: a trace refuses it, and the lazy backend feeds it.
  expect(supportedKernels().filter((name) => !(name in KERNEL_SAMPLES))).toEqual(['Multinomial']);
  const rows = await kernelRows();
  const silent = rows.filter(({ types, kernel }) => types.length === 0 && kernel !== 'Multinomial');
  expect(silent).toEqual([]);
  const table = kernelTable(rows);
  if (process.env['WRITE_KERNELS'] === '1') {
    const readme = readFileSync(README, 'utf8');
    writeFileSync(
      README,
      readme.replace(MARKS, (_, begin, __, end) => `${begin}${table}${end}`),
    );
  }
  const written = MARKS.exec(readFileSync(README, 'utf8'))?.[2];
  expect(
    written,
    'to write it: WRITE_KERNELS=1 npx vitest run --project tfjs-onnx kernel-table',
  ).toBe(table);
});
