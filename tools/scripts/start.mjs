// `npm start`: installs and builds if needed, then the newcomer's path: a new project, a trained pyramid, a grid of samples.
// `npm start -- --steps 40` and the like hand their flags on to `lapyra train`.
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { install, root, run } from './run.mjs';

const project = join(root, process.env.LAPYRA_PLAYGROUND ?? 'playground');
const grid = join(project, 'runs/quick/samples/grid.png');
const lapyra = join(root, 'packages/lapyra/bin/lapyra.js');
const cli = (args, cwd) => run(process.execPath, [lapyra, ...args], { cwd });

// Ctrl-C is for the training, which stops at the next step with a checkpoint; a second `npm start` goes on from there.
process.on('SIGINT', () => {});

/** In order; each runs only if the one before succeeded. */
const steps = {
  install,
  build: () => run('nx', ['run-many', '-t', 'build']),
  init: () =>
    existsSync(join(project, 'lapyra.config.ts')) ||
    cli(['init', project, '--preset', 'cifar10-quick'], root),
  train: () => cli(['train', '--name', 'quick', ...process.argv.slice(2)], project),
  sample: () => {
    rmSync(grid, { force: true });
    return cli(['sample', 'quick', '-n', '64', '--seed', '1', '--out', grid], project);
  },
  grid: () => existsSync(grid) && statSync(grid).size > 0,
};

const failed = Object.entries(steps).find(([, step]) => !step());
if (failed === undefined) {
  console.log(
    `\nA grid of 64 samples: ${grid}\nThe config to play with: ${join(project, 'lapyra.config.ts')}`,
  );
} else {
  console.error(`\nnpm start stopped at this step: ${failed[0]}.`);
  process.exitCode = 1;
}
