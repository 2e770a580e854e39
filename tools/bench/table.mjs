// Writes the table of docs/benchmarks.md from docs/benchmarks/step.json, if that file is there:
//
//   npm run bench:step -- --json docs/benchmarks/step.json && node tools/bench/table.mjs
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BEGIN = '<!-- step.json, by tools/bench/table.mjs -->';
const END = '<!-- end of step.json -->';

/** What was measured, as Markdown: the machine in one line, and a row a network. */
export function benchmarkTable({ cpu, node, torch, steps, rows }) {
  const peer = torch
    ? `PyTorch ${torch.version} (${torch.mkldnn ? 'with' : 'without'} oneDNN)`
    : 'no PyTorch';
  const cells = rows.map((row) => [
    row.net,
    String(row.threads),
    milliseconds(row.ours_ms),
    row.peer ?? '',
    row.peer === null ? '' : milliseconds(row.peer_ms),
    row.ratio === null ? '' : row.ratio.toPrecision(3),
    mebibytes(row.memory_bytes),
    mebibytes(row.peer_memory_bytes),
  ]);
  const heading = [
    'network',
    'threads',
    'ours, ms',
    'against',
    'its ms',
    'ratio',
    'our peak, MiB',
    'its peak, MiB',
  ];
  return `${cpu}, Node ${node.replace(/^v/, '')}, ${peer}; medians of ${steps} steps.\n\n${table([heading, ...cells])}`;
}

/** The document with the part between the marks replaced. */
export function withTable(document, text) {
  const [before, rest] = document.split(`${BEGIN}\n`);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`expected a document with ${BEGIN} and ${END}.`);
  return `${before}${BEGIN}\n\n${text}\n\n${END}${after}`;
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

function milliseconds(value) {
  return value >= 10 ? value.toFixed(0) : value.toFixed(2);
}

function mebibytes(value) {
  return value ? String(Math.round(value / 2 ** 20)) : '';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = (file) => fileURLToPath(new URL(`../../docs/${file}`, import.meta.url));
  const measured = at('benchmarks/step.json');
  if (existsSync(measured)) {
    const document = readFileSync(at('benchmarks.md'), 'utf8');
    const text = benchmarkTable(JSON.parse(readFileSync(measured, 'utf8')));
    writeFileSync(at('benchmarks.md'), withTable(document, text));
    console.log('docs/benchmarks.md: written from docs/benchmarks/step.json');
  } else {
    console.log(
      'docs/benchmarks/step.json: not there; make it with: npm run bench:step -- --json docs/benchmarks/step.json',
    );
  }
}
