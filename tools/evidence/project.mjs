// A project folder of a row's own, in which pyramids are trained as anybody's: from a config file, by processes.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawSamples, openTrainedRun, trainRun } from '@lapyra/runtime';
import { root } from '../scripts/run.mjs';
import { levelViews } from './level-views.mjs';

const TELL_EVERY = 15_000; // ms

/** @param opened gets what is to be disposed of with the row */
export function createProject(folder, { log, part, opened }) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'evidence', private: true, dependencies: pluginPackages() }),
  );
  const hooks = {
    notice: log,
    progress: teller((event) => log(`${event.what}: ${event.done} of ${event.total}`)),
  };

  /**
   * @param name of the run
   * @param config as in lapyra.config.ts; its steps are shortened in a trial
   * @param only names of the levels to train; default: all
   */
  async function train({ name, config, only = [], jobs }) {
    const shortened = {
      name,
      ...config,
      levels: config.levels.map((level) =>
        'from' in level
          ? level // of another run
          : { ...level, steps: Math.max(2, Math.round(level.steps * part)) },
      ),
    };
    const file = `${name}.config.json`;
    writeFileSync(join(folder, file), JSON.stringify(shortened, null, 2));
    const never = new AbortController().signal;
    const started = performance.now();
    const tell = new Map();
    const result = await trainRun(
      {
        folder,
        file,
        levels: only,
        fresh: false,
        anyVersion: false,
        stop: never,
        kill: never,
        ...(jobs ? { jobs } : {}),
      },
      {
        ...hooks,
        started: ({ backend }) => log(backend),
        event: (level, event) => {
          if (event.kind === 'notice') log(`${name}, level ${level}: ${event.text}`);
          if (event.kind === 'score')
            log(
              `${name}, level ${level}: score ${event.value.toPrecision(4)} at step ${event.step}`,
            );
          if (event.kind !== 'progress') return;
          if (!tell.has(level))
            tell.set(
              level,
              teller((line) => log(line)),
            );
          const { step, steps, secondsLeft } = event;
          tell.get(level)(
            `${name}, level ${level}: step ${step} of ${steps}${secondsLeft === null ? '' : `, ${secondsLeft.toFixed(0)} s left`}`,
          );
        },
        ended: () => undefined,
      },
    );
    for (const { name: level, status, failure } of result.levels)
      if (status !== 'done')
        throw new Error(`${name}, level ${level}: ${status}: ${failure?.message ?? ''}`);
    return trained(result, (performance.now() - started) / 1000);
  }

  async function trained({ folder: run, levels }, seconds) {
    const opening = openTrainedRun({ folder, run });
    const open = await opening;
    opened.push(open);
    return {
      ...open,
      /** What the training said of each level: steps, best score, baselines. */
      reports: Object.fromEntries(levels.map((level) => [level.name, level])),
      seconds,
      /** What `lapyra sample` draws: `{ levels: [{ level, size, channels, pixels }] }`, the finest last. */
      sample: ({ count, seed = 1, ...more }) =>
        drawSamples(
          { folder, run, count, seed, range: 'dewhitened', backend: 'auto', ...more },
          hooks,
        ),
      /** Real images as a level sees them, and what it draws from them. */
      views: (level, pixels, conditions) => levelViews(open, level, pixels, conditions),
    };
  }

  return { folder, train };
}

/** Every plugin here, as if installed. */
function pluginPackages() {
  const folders = readdirSync(join(root, 'plugins'));
  const manifests = folders.map((name) =>
    JSON.parse(readFileSync(join(root, 'plugins', name, 'package.json'), 'utf8')),
  );
  return Object.fromEntries(manifests.map(({ name, version }) => [name, version]));
}

/** Tells at most every few seconds. */
function teller(tell) {
  let last = performance.now();
  return (event) => {
    if (performance.now() - last < TELL_EVERY) return;
    last = performance.now();
    tell(event);
  };
}
