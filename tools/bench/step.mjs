// One training step, side by side: compiled on ONNX Runtime CPU against eager PyTorch, and against eager tfjs; two levels
// at once against one after the other; the host's share; peak memory. Steps of both sides are taken alternately; medians are compared.
//
//   npm run bench:step [-- --json FILE] [--steps N] [--net PART-OF-NAME]…
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findTorch } from './find-torch.mjs';
import { startLineProcess } from './line-process.mjs';
import { NETS } from './nets.mjs';

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    steps: { type: 'string', default: '20' },
    net: { type: 'string', multiple: true },
  },
});
const steps = Number(values.steps);
/** Steps of a net that takes long. */
const FEW = 2;
const ONNX = '@lapyra/backend-onnxruntime#onnxruntimeCpu';
const TFJS = '@lapyra/backend-tfjs#tfjsCpu';
const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const ours = (backend, net, threads) =>
  startLineProcess(process.execPath, [here('stepper.mjs'), backend, net, String(threads)]);
const peer = ({ python, env }, net, threads) =>
  startLineProcess(
    python,
    [here('torch_stepper.py'), JSON.stringify(NETS[net]), String(threads)],
    env,
  );

const rows = [];
const torch = findTorch();
const wanted = (net) => !values.net || values.net.some((part) => net.includes(part));
console.log(`${cpus()[0].model}, ${cpus().length} cores, node ${process.version}`);
console.log(
  torch
    ? `peer: PyTorch ${torch.version} at ${torch.python}, oneDNN ${torch.mkldnn ? 'yes' : 'no'}, matrix product ${Math.round(torch.gflops)} GFLOP/s on one thread (${Object.entries(
        torch.env,
      )
        .map((entry) => entry.join('='))
        .join(' ')})`
    : 'peer: none; no $LAPYRA_PYTHON and no python3 on the PATH imports torch (Debian: python3-torch, libopenblas0-pthread)',
);

const measured = Object.keys(NETS).filter(
  (name) => wanted(name) && !name.startsWith('small') && (values.net || !NETS[name].long),
);
for (const net of measured) {
  const row = torch && !NETS[net].alone ? await againstTorch(net) : await alone(net);
  rows.push(row);
  print(row);
}
if (wanted('small')) {
  const row = await againstEager('small 4→8, 8 planes, batch 8');
  rows.push(row);
  print(row);
}
for (const net of ['cifar10-quick 8→14', 'paper 8→14, 64 planes, batch 128'].filter(() =>
  wanted('host'),
)) {
  const row = await hostShare(net);
  rows.push(row);
  print(row);
}
if (wanted('two levels')) {
  const row = await twoAtOnce('cifar10-quick 8→14', 'cifar10-quick 14→28');
  rows.push(row);
  print(row);
}
if (values.json)
  writeFileSync(
    values.json,
    `${JSON.stringify({ cpu: cpus()[0].model, node: process.version, torch, steps, rows }, null, 2)}\n`,
  );

function stepsOf(net) {
  return NETS[net].long ? Math.min(steps, FEW) : steps;
}

async function againstTorch(net) {
  const threads = Math.min(2, cpus().length);
  const mine = await ours(ONNX, net, threads);
  const theirs = [await peer(torch, net, 1), ...(threads > 1 ? [await peer(torch, net, 2)] : [])];
  const taken = await alternate([mine, ...theirs], stepsOf(net));
  const memory = await mine.ask('memory');
  const peerMemory = await theirs.at(-1).ask('memory');
  await Promise.all([mine, ...theirs].map((one) => one.close()));
  const [oursMs, ...peerMs] = taken.map(median);
  const best = Math.min(...peerMs);
  return {
    net,
    engine: 'onnxruntime-cpu',
    threads,
    ours_ms: oursMs,
    peer: `PyTorch ${torch.version}, ${peerMs.indexOf(best) + 1} threads`,
    peer_ms: best,
    ratio: oursMs / best,
    memory_bytes: memory,
    peer_memory_bytes: peerMemory,
    ready_ms: mine.ready,
  };
}

async function alone(net) {
  const threads = Math.min(2, cpus().length);
  const mine = await ours(ONNX, net, threads);
  const [taken] = await alternate([mine], stepsOf(net));
  const memory = await mine.ask('memory');
  await mine.close();
  return {
    net,
    engine: 'onnxruntime-cpu',
    threads,
    ours_ms: median(taken),
    peer: null,
    peer_ms: null,
    ratio: null,
    memory_bytes: memory,
    ready_ms: mine.ready,
  };
}

async function againstEager(net) {
  const pair = [await ours(ONNX, net, 1), await ours(TFJS, net, 1)];
  const [oursMs, peerMs] = (await alternate(pair, steps)).map(median);
  await Promise.all(pair.map((one) => one.close()));
  return {
    net,
    engine: 'onnxruntime-cpu',
    threads: 1,
    ours_ms: oursMs,
    peer: 'eager tfjs cpu',
    peer_ms: peerMs,
    ratio: oursMs / peerMs,
  };
}

/** What the host does for a step outside the engine (images, noise, masks), as a share of the whole step. */
async function hostShare(net) {
  const one = await ours(ONNX, net, 1);
  const hosted = [];
  const stepped = [];
  for (let warm = 0; warm < 40; warm += 1) await one.ask('host');
  for (let step = 0; step < steps; step += 1) {
    hosted.push(await one.ask('host'));
    stepped.push(await one.ask('step'));
  }
  await one.close();
  const [hostMs, stepMs] = [median(hosted), median(stepped)];
  return {
    net: `host work of ${net}`,
    engine: 'onnxruntime-cpu',
    threads: 1,
    ours_ms: hostMs,
    peer: 'host and engine',
    peer_ms: hostMs + stepMs,
    ratio: hostMs / (hostMs + stepMs),
  };
}

/** Milliseconds for one step of both nets: at the same time on one thread each, against one after the other on two. */
async function twoAtOnce(a, b) {
  const apart = [await ours(ONNX, a, 2), await ours(ONNX, b, 2)];
  const [first, second] = (await alternate(apart, steps)).map(median);
  await Promise.all(apart.map((one) => one.close()));
  const together = [await ours(ONNX, a, 1), await ours(ONNX, b, 1)];
  const rate = await ratesTogether(together, (first + second) * steps);
  await Promise.all(together.map((one) => one.close()));
  // Work done in a millisecond, counted in milliseconds of the other way.
  const work = rate[0] * first + rate[1] * second;
  const both = (first + second) / work;
  return {
    net: `two levels at once: ${a} and ${b}`,
    engine: 'onnxruntime-cpu',
    threads: '1 + 1',
    ours_ms: both,
    peer: 'one after the other, 2 threads each',
    peer_ms: first + second,
    ratio: both / (first + second),
  };
}

async function ratesTogether(processes, budget) {
  for (const one of processes) await one.ask('step');
  const started = performance.now();
  return Promise.all(
    processes.map(async (one) => {
      let done = 0;
      while (performance.now() - started < budget) {
        await one.ask('step');
        done += 1;
      }
      return done / (performance.now() - started);
    }),
  );
}

async function alternate(processes, count) {
  const taken = processes.map(() => []);
  for (const one of processes) for (let warm = 0; warm < 2; warm += 1) await one.ask('step');
  for (let step = 0; step < count; step += 1) {
    for (const [at, one] of processes.entries()) taken[at].push(await one.ask('step'));
  }
  return taken;
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle - 0.5)] + sorted[Math.floor(middle)]) / 2;
}

function print(row) {
  const ms = (value) => (value >= 10 ? value.toFixed(0) : value.toFixed(2));
  const against =
    row.peer === null
      ? ''
      : `, ${row.peer} ${ms(row.peer_ms)} ms, ratio ${row.ratio.toPrecision(3)}`;
  const memory = row.memory_bytes
    ? `, peak memory ${Math.round(row.memory_bytes / 2 ** 20)} MiB`
    : '';
  console.log(
    `${row.net} (${row.engine}, ${row.threads} threads): ${ms(row.ours_ms)} ms${against}${memory}`,
  );
}
