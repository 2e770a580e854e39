// Images a second of whole pyramids: drawn with @lapyra/sampling on ONNX Runtime CPU, and from the one exported file, against eager
// PyTorch in evaluation mode. Noise is drawn on both sides; draws alternate, and medians are compared.
//
//   npm run bench:sample [-- --json FILE] [--rounds N] [--pyramid PART-OF-NAME]…
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findTorch } from './find-torch.mjs';
import { startLineProcess } from './line-process.mjs';
import { alternate, median, pause } from './measure.mjs';
import { mergeRows } from './merge-rows.mjs';
import { PYRAMIDS } from './nets.mjs';
import { openNet } from './open-net.mjs';
import { variantName } from './processes.mjs';
import { progressOf } from './progress.mjs';
import { samplingTable } from './table.mjs';

/** How images are drawn on our side, and what the peer does for it. */
const WAYS = { levels: 'levels', fused: 'exported file' };
const BATCHES = [1, 64];

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    rounds: { type: 'string', default: '20' },
    pyramid: { type: 'string', multiple: true, default: [''] },
  },
});
const rounds = Number(values.rounds);
const torch = findTorch();
if (!torch) {
  console.error('peer: none; no $LAPYRA_PYTHON and no python3 on the PATH imports torch');
  process.exit(2);
}
const machine = {
  cpu: cpus()[0].model,
  cores: availableParallelism(),
  node: process.version,
  torch,
};
const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const threads = machine.cores > 1 ? [2, 1] : [1];
const rows = [];
const names = Object.keys(PYRAMIDS).flatMap((pyramid) =>
  Object.values(WAYS).flatMap((way) => BATCHES.map((batch) => rowName(pyramid, way, batch))),
);
for (const [pyramid, nets] of Object.entries(PYRAMIDS)) {
  if (!values.pyramid.some((part) => pyramid.includes(part))) continue;
  const progress = progressOf(pyramid);
  progress('opening');
  const ours = await Promise.all(
    threads.map((count) =>
      startLineProcess(process.execPath, [
        here('sampler.mjs'),
        JSON.stringify(nets),
        String(count),
      ]),
    ),
  );
  const peers = [];
  for (const net of nets) peers.push((await openNet(net)).peer);
  const theirs = await Promise.all(
    threads.map(() =>
      startLineProcess(torch.python, [here('torch_sampler.py'), JSON.stringify(peers)], torch.env),
    ),
  );
  for (const [how, way] of Object.entries(WAYS)) {
    for (const batch of BATCHES) {
      const name = rowName(pyramid, way, batch);
      const draw = ['draw', { batch, how }];
      progress(`${way}, batch ${batch}: trying settings`);
      const variants = [];
      for (const [at, one] of theirs.entries()) variants.push(await better(one, threads[at], draw));
      const all = [...ours, ...theirs];
      for (const one of all) await one.ask(...draw);
      const count = batch === 1 ? 5 * rounds : rounds;
      const taken = await alternate(
        all,
        count,
        (done) => progress(`${way}, batch ${batch}: rounds`, done, count),
        draw,
      );
      // All threads are timed to the end, and the best count of each side is taken.
      const medians = taken.map(median);
      const [mine, peer] = [medians.slice(0, ours.length), medians.slice(ours.length)];
      const [oursMs, peerMs] = [Math.min(...mine), Math.min(...peer)];
      const row = {
        net: name,
        rounds: count,
        batch,
        threads: threads[mine.indexOf(oursMs)],
        ours_ms: oursMs,
        peer: `PyTorch ${torch.version}, ${variantName(variants[peer.indexOf(peerMs)])}`,
        peer_ms: peerMs,
        ratio: peerMs / oursMs,
      };
      rows.push(row);
      if (values.json) mergeRows(values.json, machine, [row], names);
    }
  }
  await Promise.all([...ours, ...theirs].map((one) => one.close()));
  progress.end();
}
console.log(samplingTable({ ...machine, rows }));

function rowName(pyramid, way, batch) {
  return `${pyramid}, ${way}, batch ${batch}`;
}

/** The memory format in which the peer is faster on some threads, put to use. */
async function better(one, count, draw) {
  const variants = [false, true].map((channels_last) => ({ threads: count, channels_last }));
  const medians = [];
  for (const variant of variants) {
    await one.ask('use', variant);
    const first = await one.ask(...draw);
    const each = [];
    for (let turn = 0; turn < (first > 100 ? 3 : 15); turn += 1) {
      await pause();
      each.push(await one.ask(...draw));
    }
    medians.push(median(each));
  }
  const [planesFirst, planesLast] = medians;
  const best = variants[planesFirst <= planesLast ? 0 : 1];
  await one.ask('use', best);
  return best;
}
