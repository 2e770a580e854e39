// Writes the tables of docs/benchmarks.md from docs/benchmarks/step.json, sample.json and gpu.json, as far as they are there:
//
//   npm run bench:step -- --json docs/benchmarks/step.json
//   npm run bench:sample -- --json docs/benchmarks/sample.json
//   run.sh --json gpu.json (tools/bench/gpu/pack.mjs), on a machine with a graphics card
//   node tools/bench/table.mjs
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What is written into docs/benchmarks.md, and from which file. */
const TABLES = { step: benchmarkTables, sample: samplingTable, gpu: gpuTable };

/** What was measured, as Markdown: the machine in one line, a row a network, and a second table of what else was measured. */
export function benchmarkTables({ cpu, cores, node, torch, rows }) {
  const peer = torch
    ? `PyTorch ${torch.version} (${torch.mkldnn ? 'with' : 'without'} oneDNN)`
    : 'no PyTorch';
  const steps = rows.flatMap((row) => row.steps ?? []);
  const medians = steps.length > 0 ? `; medians of ${range(steps)} steps` : '';
  const full = rows.filter((row) => row.flop !== undefined);
  const others = rows.filter((row) => row.flop === undefined);
  return [
    `${cpu}, ${cores} cores, Node ${node.replace(/^v/, '')}, ${peer}${medians}.`,
    ...(full.length > 0 ? [table([STEP_HEADING, ...full.map(stepCells)])] : []),
    ...(others.length > 0 ? [table([OTHER_HEADING, ...others.map(otherCells)])] : []),
  ].join('\n\n');
}

const STEP_HEADING = [
  'network',
  'GFLOP',
  'ours',
  'PyTorch',
  'its best with',
  'ratio',
  'asked',
  'met',
  'our GFLOP/s of peak',
  'its GFLOP/s of peak',
  'our MiB',
  'its MiB',
  'compiling',
];

function stepCells(row) {
  const hasPeer = row.peer !== null;
  return [
    row.net,
    digits(row.flop / 1e9),
    duration(row.ours_ms),
    hasPeer ? duration(row.peer_ms) : '',
    hasPeer ? row.peer.replace(/^PyTorch [^,]*, /, '') : '',
    hasPeer ? row.ratio.toFixed(2) : '',
    askedText(row),
    hasPeer ? metText(row) : '',
    rate(row.flop, row.ours_ms, row.peak_gflops),
    hasPeer ? rate(row.flop, row.peer_ms, row.peer_peak_gflops) : '',
    mebibytes(row.memory_bytes),
    mebibytes(row.peer_memory_bytes),
    duration(row.compile_ms),
  ];
}

function askedText({ asked, aim, asked_memory: memory }) {
  if (asked === undefined) return '';
  return `≤ ${asked} (aim ${aim.toFixed(1)})${memory === undefined ? '' : `, memory ≤ ${memory}×`}`;
}

/** Whether ratio and memory are within what is asked, as measured, not as rounded. */
function metText({ asked, aim, ratio, asked_memory: memory, memory_bytes, peer_memory_bytes }) {
  if (asked === undefined) return '';
  const time = ratio <= aim ? 'aim' : ratio <= asked ? 'yes' : 'no';
  if (memory === undefined) return time;
  const share = memory_bytes / peer_memory_bytes;
  return `${time}, memory ${share <= memory ? 'yes' : 'no'} (${share.toFixed(2)}×)`;
}

function rate(flop, ms, peak) {
  const reached = Math.round(flop / ms / 1e6);
  return peak ? `${reached} of ${Math.round(peak)}` : String(reached);
}

const OTHER_HEADING = ['measured', 'threads', 'ours, ms', 'against', 'its ms', 'ratio'];

function otherCells(row) {
  return [
    row.net,
    String(row.threads),
    digits(row.ours_ms),
    row.peer ?? '',
    row.peer === null ? '' : digits(row.peer_ms),
    row.ratio === null ? '' : row.ratio.toPrecision(3),
  ];
}

/** How many images a second a pyramid draws, as Markdown. */
export function samplingTable({ cpu, cores, node, torch, rows }) {
  const cells = rows.map((row) => [
    row.net,
    String(row.threads),
    perSecond(row.batch, row.ours_ms),
    perSecond(row.batch, row.peer_ms),
    row.peer.replace(/^PyTorch [^,]*, /, ''),
    `${row.ratio.toFixed(2)}×`,
  ]);
  const heading = ['pyramid', 'threads', 'ours, images/s', 'PyTorch', 'its best with', 'ahead'];
  const rounds = range(rows.map((row) => row.rounds));
  return `${cpu}, ${cores} cores, Node ${node.replace(/^v/, '')}, PyTorch ${torch.version}; medians of ${rounds} rounds.\n\n${table([heading, ...cells])}`;
}

/** Steps on a graphics card, as Markdown. */
export function gpuTable({ device, torch, node, rows }) {
  const cells = rows.map((row) => [
    row.net,
    duration(row.ours_ms) || 'not measured',
    duration(row.peer_ms) || 'not measured',
    row.ours_ms && row.peer_ms ? (row.ours_ms / row.peer_ms).toFixed(1) : '',
    duration(row.peer_tf32_ms) || 'not measured',
    duration(row.compile_ms),
  ]);
  const heading = ['network', 'WebGPU', 'PyTorch, CUDA', 'ratio', 'with TF32', 'compiling'];
  const peer = torch ? `PyTorch ${torch.version}` : 'no PyTorch with CUDA';
  const steps = range(rows.map((row) => row.steps));
  return `${device ?? 'No WebGPU'}, Node ${node.replace(/^v/, '')}, ${peer}; medians of ${steps} steps.\n\n${table([heading, ...cells])}`;
}

function perSecond(images, ms) {
  return ((1000 * images) / ms).toFixed(0);
}

/** The document with the part between the marks of a file replaced. */
export function withTable(document, text, file = 'step') {
  const [begin, end] = [
    `<!-- ${file}.json, by tools/bench/table.mjs -->`,
    `<!-- end of ${file}.json -->`,
  ];
  const [before, rest] = document.split(`${begin}\n`);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`expected a document with ${begin} and ${end}.`);
  return `${before}${begin}\n\n${text}\n\n${end}${after}`;
}

/** The document with the tables of the files that are there. @param read text of a file of docs/benchmarks, or null */
export function withTables(document, read) {
  return Object.entries(TABLES).reduce((whole, [file, tableOf]) => {
    const text = read(`${file}.json`);
    return text === null ? whole : withTable(whole, tableOf(JSON.parse(text)), file);
  }, document);
}

/** Columns as wide as their widest cell, as prettier leaves them. */
function table(rows) {
  const widths = rows[0].map((_, column) =>
    Math.max(3, ...rows.map((row) => [...row[column]].length)),
  );
  const line = (row) =>
    `| ${row.map((cell, column) => cell + ' '.repeat(widths[column] - [...cell].length)).join(' | ')} |`;
  const [heading, ...rest] = rows;
  return [line(heading), line(widths.map((width) => '-'.repeat(width))), ...rest.map(line)].join(
    '\n',
  );
}

function range(numbers) {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? String(most) : `${least} to ${most}`;
}

function duration(ms) {
  if (ms === undefined || ms === null) return '';
  return ms >= 10_000 ? `${digits(ms / 1000)} s` : `${digits(ms)} ms`;
}

function digits(value) {
  return value >= 10 ? value.toFixed(0) : value.toFixed(2);
}

function mebibytes(value) {
  return value ? String(Math.round(value / 2 ** 20)) : '';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = (file) => fileURLToPath(new URL(`../../docs/${file}`, import.meta.url));
  const read = (file) =>
    existsSync(at(`benchmarks/${file}`)) ? readFileSync(at(`benchmarks/${file}`), 'utf8') : null;
  writeFileSync(at('benchmarks.md'), withTables(readFileSync(at('benchmarks.md'), 'utf8'), read));
  console.log('docs/benchmarks.md: written from the files of docs/benchmarks');
}
