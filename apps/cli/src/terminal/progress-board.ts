import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import { duration, short } from './quantity.js';
import { table } from './table.js';

/** What one level shows. */
export interface BoardRow {
  readonly name: string;
  readonly phase: string;
  readonly step: number;
  readonly steps: number;
  /** Steps a second. */
  readonly rate: number;
  readonly losses: Readonly<Record<string, number>>;
  readonly score: number | null;
  /** Seconds. */
  readonly left: number | null;
}

/** One row a level, redrawn in place on a terminal; a plain line now and then elsewhere. */
export interface ProgressBoard {
  update(row: BoardRow): void;
  /** A line that stays. */
  say(line: string): void;
  /** Long work before the levels start: a download, decoding. */
  working(what: string, done: number, total: number): void;
  close(): void;
}

/** Seconds between plain lines of one level where nobody watches a terminal. */
const PLAIN_EVERY = 10;

/** @param stream where to draw; it is redrawn in place if it is a terminal */
export function createProgressBoard(stream: NodeJS.WriteStream): ProgressBoard {
  return stream.isTTY ? terminalBoard(stream) : plainBoard(stream);
}

function terminalBoard(stream: NodeJS.WriteStream): ProgressBoard {
  const draw = createLogUpdate(stream, { showCursor: true });
  const rows = new Map<string, BoardRow>();
  let work = '';
  let drawn = 0;
  const redraw = (): void => {
    drawn = Date.now();
    draw(
      [...(rows.size > 0 ? [render([...rows.values()])] : []), ...(work ? [work] : [])].join('\n'),
    );
  };
  return {
    update: (row) => {
      const before = rows.get(row.name);
      rows.set(row.name, row);
      if (Date.now() - drawn >= 100 || before?.phase !== row.phase) redraw();
    },
    say: (line) => {
      draw.clear();
      stream.write(`${line}\n`);
      redraw();
    },
    working: (what, done, total) => {
      work =
        done >= total ? '' : `${what} ${bar(done / total)} ${Math.floor((done / total) * 100)} %`;
      if (work === '' || Date.now() - drawn >= 100) redraw();
    },
    close: () => {
      redraw();
      draw.done();
    },
  };
}

function render(rows: readonly BoardRow[]): string {
  const cells = rows.map((row) => [
    pc.bold(row.name),
    row.phase,
    bar(row.step / row.steps),
    `${row.step}/${row.steps}`,
    row.rate > 0 ? `${short(row.rate)}/s` : '',
    losses(row),
    row.score === null ? '' : short(row.score),
    row.left === null ? '' : duration(row.left),
  ]);
  return table([
    ['level', '', '', 'step', 'rate', 'losses', 'score', 'left'].map((head) => pc.dim(head)),
    ...cells,
  ]);
}

function plainBoard(stream: NodeJS.WriteStream): ProgressBoard {
  const said = new Map<string, { at: number; phase: string }>();
  const due = (name: string, phase: string): boolean => {
    const last = said.get(name);
    if (last && last.phase === phase && Date.now() - last.at < PLAIN_EVERY * 1000) return false;
    said.set(name, { at: Date.now(), phase });
    return true;
  };
  return {
    update: (row) => {
      if (!due(row.name, row.phase)) return;
      const parts = [
        `level ${row.name}: ${row.phase}`,
        `step ${row.step}/${row.steps}`,
        ...(row.rate > 0 ? [`${short(row.rate)} steps/s`] : []),
        ...(Object.keys(row.losses).length > 0 ? [losses(row)] : []),
        ...(row.score === null ? [] : [`score ${short(row.score)}`]),
        ...(row.left === null ? [] : [`${duration(row.left)} left`]),
      ];
      stream.write(`${parts.join(', ')}\n`);
    },
    say: (line) => stream.write(`${line}\n`),
    working: (what, done, total) => {
      const finished = done >= total;
      if (due(what, finished ? 'done' : ''))
        stream.write(`${what}: ${Math.floor((done / total) * 100)} %\n`);
    },
    close: () => {},
  };
}

function losses({ losses: values }: BoardRow): string {
  return Object.entries(values)
    .filter(([name]) => name !== 'finite')
    .map(([name, value]) => `${name} ${short(value)}`)
    .join(' ');
}

function bar(fraction: number): string {
  const cells = 16;
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * cells);
  return '█'.repeat(full) + '░'.repeat(cells - full);
}
