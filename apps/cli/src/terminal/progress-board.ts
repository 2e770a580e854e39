import { createLogUpdate } from 'log-update';
import pc from 'picocolors';
import { duration, short } from './quantity.js';
import { columnWidths, table, tableWidth } from './table.js';

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

/** One row a level, redrawn in place on a terminal; elsewhere a plain line for what is new, and now and then. */
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

/** Phases in which nothing comes any more. */
const ENDED: ReadonlySet<string> = new Set(['done', 'stopped', 'diverged', 'failed']);

/** Phases that alternate while steps are made. */
const STEPPING: ReadonlySet<string> = new Set(['training', 'scoring', 'saving']);

/** @param stream where to draw; it is redrawn in place if it is a terminal */
export function createProgressBoard(stream: NodeJS.WriteStream): ProgressBoard {
  return stream.isTTY ? terminalBoard(stream) : plainBoard(stream);
}

function terminalBoard(stream: NodeJS.WriteStream): ProgressBoard {
  const draw = createLogUpdate(stream, { showCursor: true });
  const rows = new Map<string, BoardRow>();
  const widest = new Map<string, number>();
  let work = '';
  let drawn = 0;
  let closed = false;
  const redraw = (): void => {
    drawn = Date.now();
    draw(
      [
        ...(rows.size > 0 ? [render([...rows.values()], widest, stream.columns)] : []),
        ...(work ? [work] : []),
      ].join('\n'),
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
      if (closed) return;
      closed = true;
      redraw();
      draw.done();
    },
  };
}

/** The columns of the board, with what a narrow terminal has to do without: the highest number goes first. */
const COLUMNS: readonly {
  readonly heading: string;
  readonly dispensable: number;
  cell(row: BoardRow): string;
}[] = [
  { heading: 'level', dispensable: 0, cell: (row) => pc.bold(row.name) },
  { heading: '', dispensable: 0, cell: (row) => row.phase },
  { heading: ' ', dispensable: 2, cell: (row) => bar(row.step / row.steps) },
  { heading: 'step', dispensable: 0, cell: (row) => `${row.step}/${row.steps}` },
  {
    heading: 'rate',
    dispensable: 1,
    cell: (row) => (row.rate > 0 ? `${short(row.rate)}/s` : ''),
  },
  { heading: 'losses', dispensable: 3, cell: losses },
  {
    heading: 'score',
    dispensable: 0,
    cell: (row) => (row.score === null ? '' : short(row.score)),
  },
  {
    heading: 'left',
    dispensable: 0,
    cell: (row) => (row.left === null ? '' : duration(row.left)),
  },
];

/** @param widest the widths so far, kept so that columns do not jump to and fro */
function render(
  rows: readonly BoardRow[],
  widest: Map<string, number>,
  room = Number.POSITIVE_INFINITY,
): string {
  for (let cut = 3; ; cut -= 1) {
    const columns = COLUMNS.filter(({ dispensable }) => dispensable <= cut);
    const cells = [
      columns.map(({ heading }) => pc.dim(heading)),
      ...rows.map((row) => columns.map(({ cell }) => cell(row))),
    ];
    const widths = columnWidths(
      cells,
      columns.map(({ heading }) => widest.get(heading) ?? 0),
    );
    if (cut > 0 && tableWidth(widths) > room) continue;
    columns.forEach(({ heading }, column) => widest.set(heading, widths[column]!));
    return table(cells, widths);
  }
}

/** Lines for logs: that a level begins, each score and its end at once, how far it is now and then. */
function plainBoard(stream: NodeJS.WriteStream): ProgressBoard {
  const said = new Map<string, { readonly at: number; readonly row: BoardRow }>();
  const working = new Map<string, number>();
  const isDue = (at: number | undefined): boolean =>
    at === undefined || Date.now() - at >= PLAIN_EVERY * 1000;
  return {
    update: (row) => {
      if (row.phase === 'waiting') return;
      const last = said.get(row.name);
      const isNews = row.score !== last?.row.score || ENDED.has(row.phase);
      if (!isNews && !isDue(last?.at)) return;
      said.set(row.name, { at: Date.now(), row });
      const parts = [
        ...(STEPPING.has(row.phase) ? [] : [row.phase]),
        ...(row.step > 0 ? [`step ${row.step}/${row.steps}`] : []),
        ...(row.rate > 0 ? [`${short(row.rate)} steps/s`] : []),
        ...(Object.keys(row.losses).length > 0 ? [losses(row)] : []),
        ...(row.score === null ? [] : [`score ${short(row.score)}`]),
        ...(row.left === null || ENDED.has(row.phase) ? [] : [`${duration(row.left)} left`]),
      ];
      stream.write(`level ${row.name}: ${parts.join(', ')}\n`);
    },
    say: (line) => stream.write(`${line}\n`),
    working: (what, done, total) => {
      const at = working.get(what);
      if (done >= total) {
        working.delete(what);
        if (at === undefined) return; // too short to be worth a line
      } else if (isDue(at)) {
        working.set(what, Date.now());
      } else return;
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
