// One training step, side by side: compiled on ONNX Runtime CPU against eager PyTorch, with what the step takes and what both
// libraries could reach; a whole preset; and, where they are named, further nets, eager tfjs and the host's share.
//
//   npm run bench:step [-- --json FILE] [--steps N] [--net PART-OF-NAME]… [--list]
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { findTorch } from './find-torch.mjs';
import { mergeRows } from './merge-rows.mjs';
import { NETS, QUICK } from './nets.mjs';
import { TFJS } from './processes.mjs';
import { progressOf } from './progress.mjs';
import { presetRow } from './quick-row.mjs';
import { eagerRow, hostRow, stepRow } from './step-row.mjs';
import { benchmarkTables } from './table.mjs';

const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    steps: { type: 'string', default: '20' },
    net: { type: 'string', multiple: true, default: [] },
    list: { type: 'boolean', default: false },
  },
});
const steps = Number(values.steps);
if (!Number.isInteger(steps) || steps < 1)
  fail(`--steps: expected a whole number of steps, got '${values.steps}'`);

/** All that can be measured, by name, in the order of the table; `usual`: without being named. */
const rows = [
  ...Object.entries(NETS)
    .filter(([name]) => !name.startsWith('small'))
    .map(([name, { asked }]) => ({ name, usual: Boolean(asked), measure: stepRow })),
  { name: QUICK.name, usual: true, measure: (_, options) => presetRow(QUICK, options) },
  {
    name: 'small 4→8, 8 planes, batch 8',
    measure: (name, options) => eagerRow(name, { ...options, tfjs: TFJS }),
  },
  ...['cifar10-quick 8→14', 'paper 8→14, 64 planes, batch 128'].map((name) => ({
    name: `host work of ${name}`,
    measure: (_, options) => hostRow(name, options),
  })),
];
// 'host work' is only meant where it is said: it has the name of another row in its own.
const named = (name) =>
  values.net.some(
    (part) => name.includes(part) && (!name.startsWith('host') || part.startsWith('host')),
  );
const wanted = rows.filter(({ name, usual }) => (values.net.length > 0 ? named(name) : usual));
if (values.list) {
  for (const { name, usual } of rows) console.log(usual ? name : `${name} (only if named)`);
  process.exit();
}
if (wanted.length === 0)
  fail(`--net: expected a part of a name of --list, got '${values.net.join("', '")}'`);

const torch = findTorch();
const machine = {
  cpu: cpus()[0].model,
  cores: availableParallelism(),
  node: process.version,
  torch,
};
console.error(`${machine.cpu}, ${machine.cores} cores, node ${machine.node}`);
console.error(
  torch
    ? `peer: PyTorch ${torch.version} at ${torch.python}, oneDNN ${torch.mkldnn ? 'yes' : 'no'} (${Object.entries(
        torch.env,
      )
        .map((entry) => entry.join('='))
        .join(' ')})`
    : 'peer: none; no $LAPYRA_PYTHON and no python3 on the PATH imports torch (Debian: python3-torch, libopenblas0-pthread)',
);
const measured = [];
for (const [at, { name, measure }] of wanted.entries()) {
  if (name === QUICK.name && !torch) continue;
  const progress = progressOf(`${at + 1} of ${wanted.length}, ${name}`);
  const row = await measure(name, { steps, torch, progress });
  progress.end();
  measured.push(row);
  if (values.json)
    mergeRows(
      values.json,
      machine,
      [row],
      rows.map((one) => one.name),
    );
}
console.log(benchmarkTables({ ...machine, rows: measured }));

function fail(message) {
  console.error(message);
  process.exit(2);
}
