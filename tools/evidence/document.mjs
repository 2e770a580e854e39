import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { root } from '../scripts/run.mjs';

const INTRODUCTION = [
  '# Evidence',
  [
    'What the levels do on real images, measured by `npm run evidence`:',
    'each row trains what it names, as `lapyra train` would, and measures it.',
    '`npm run evidence -- --row NAME` makes one row anew, `--json FILE` writes what was found for other programs,',
    '`--list` lists the rows, and one that it lists and that is not here has not been measured yet;',
    '[how a row is written](../tools/evidence/README.md).',
    'Trainings here last minutes: the figures compare, and show that a thing works; they are not what it can reach.',
  ].join(' '),
].join('\n\n');

/** The whole of docs/evidence.md. */
export async function evidenceDocument(results, rows) {
  const measured = rows.filter(({ name }) => results[name]);
  const text = [
    INTRODUCTION,
    machines(results, measured),
    table(results, measured),
    ...measured.map(({ name }) => section(name, results[name])),
  ].join('\n\n');
  const file = join(root, 'docs/evidence.md');
  return format(text, { ...(await resolveConfig(file)), filepath: file });
}

/** One row in a few lines, for the terminal. */
export function summary(name, { title, trained, steps, seconds, budgetSeconds, figures }) {
  return [
    `${name}: ${title}`,
    `  ${trained}; ${steps} steps, ${seconds} s${seconds > budgetSeconds ? `, OVER the budget of ${budgetSeconds} s` : ''}`,
    ...figures.map((one) => `  ${one.name}: ${figure(one)}`),
  ].join('\n');
}

function machines(results, measured) {
  const by = new Map();
  for (const { name } of measured) {
    const { processor, cores, node, onnxruntime } = results[name].machine;
    const line = `${processor}, ${cores} cores, Node ${node}, ONNX Runtime ${onnxruntime}`;
    by.set(line, [...(by.get(line) ?? []), name]);
  }
  if (by.size === 0) return 'Nothing has been measured yet.';
  const lines = [...by].map(([line, names]) =>
    by.size === 1 ? line : `${line}: ${names.join(', ')}`,
  );
  return `Measured on ${lines.join('; ')}.`;
}

function table(results, measured) {
  const rows = measured.map(({ name }) => {
    const { plugin, trained, steps, seconds, budgetSeconds, figures } = results[name];
    const time = `${duration(seconds)}${seconds > budgetSeconds ? ` (over ${duration(budgetSeconds)})` : ''}`;
    const shown = figures.map((one) => `${one.name}: ${figure(one)}`).join('<br>');
    return [
      `[${name}](#${name})`,
      `\`${plugin}\``,
      trained,
      String(steps),
      time,
      shown,
      command(name),
    ];
  });
  const heading = ['row', 'plugin', 'trained', 'steps', 'time', 'figures', 'command'];
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)].join('\n');
}

function section(name, { title, notes, pictures }) {
  return [
    `## ${name}`,
    title,
    ...notes,
    ...pictures.map(({ file, caption }) => `![${caption}](evidence/${file})\n\n${caption}`),
  ].join('\n\n');
}

function command(name) {
  return `\`npm run evidence -- --row ${name}\``;
}

/** Whether a figure is what was asked of it; one of which nothing is asked always is. */
export function isReached({ value, better, asked }) {
  if (asked === null) return true;
  return better === 'lower' ? value <= asked : value >= asked;
}

/** A value with what was asked of it, and whether it was reached. */
function figure({ value, unit, asked, better }) {
  const shown = `${value}${unit && ` ${unit}`}`;
  if (asked === null) return shown;
  const reached = isReached({ value, better, asked });
  return `${shown} (asked: ${better === 'lower' ? 'at most' : 'at least'} ${asked}${reached ? '' : ', NOT reached'})`;
}

function duration(seconds) {
  const whole = Math.round(seconds);
  return whole < 60
    ? `${whole} s`
    : `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}
