// What a training step takes in a browser, beside Node: median milliseconds of the first two levels of cifar10-quick.
//
//   npm run bench:browser [-- --steps N]
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleForNode } from './lib/bundle.mjs';
import { IMAGES } from './lib/images.mjs';
import { openTestSite } from './lib/open-site.mjs';

const { values } = parseArgs({ options: { steps: { type: 'string', default: '20' } } });
const steps = Number(values.steps);
const cache = join(import.meta.dirname, '../../.cache');
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, 'measure-'));
const { site, skipped } = await openTestSite({ '/cifar10.bin': IMAGES });
if (!site) throw new Error(`there is no browser${skipped}`);
try {
  const { run } = await bundleForNode('tools/browser/programs/run.mjs', folder);
  const inNode = (message) => run(message);
  const inBrowser = async (message) => (await site.call('runInWorker', [message])).result;
  const rows = [
    ['Node, onnxruntime-cpu, 1 thread', inNode, 'onnxruntimeCpu', 1],
    ['Node, onnxruntime-cpu, 2 threads', inNode, 'onnxruntimeCpu', 2],
    ['Chromium, onnxruntime-web, 1 thread', inBrowser, 'onnxruntimeWeb', 1],
    ['Chromium, onnxruntime-web, 2 threads', inBrowser, 'onnxruntimeWeb', 2],
  ];
  for (const level of ['cifar10-quick 8', 'cifar10-quick 14'])
    for (const [name, measure, backend, threads] of rows) {
      const file = measure === inNode ? readFileSync(IMAGES) : '/cifar10.bin';
      const options = { level, steps, file };
      const times = await measure({ backend, threads, program: 'timeSteps', options });
      const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
      console.log(`${level.padEnd(17)} ${name.padEnd(37)} ${median.toFixed(1).padStart(7)} ms`);
    }
} finally {
  await site.close();
  rmSync(folder, { recursive: true });
}
