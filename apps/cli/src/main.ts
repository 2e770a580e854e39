// The command line as a tree of commands. Each command's work is imported only when it is called, so that help is quick.
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { EXIT } from './exit-codes.js';
import { printError } from './terminal/print-error.js';
import { PRESETS } from './presets.js';
import { version } from './version.js';

/**
 * Run `lapyra` with these arguments.
 *
 * @returns the exit code, see {@link EXIT}
 */
export async function main(args: readonly string[]): Promise<number> {
  const outcome: { code: number } = { code: EXIT.ok };
  const program = commands(outcome);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    printError(error, args.includes('--stack'));
    return EXIT.failed;
  }
}

function commands(outcome: { code: number }): Command {
  const program = new Command('lapyra')
    .description('Compose, train, measure and ship image models built as a Laplacian pyramid.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .option('--stack', 'print the stack of an error')
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      '\nStart here:\n  lapyra init my-pyramid && cd my-pyramid && npm install && npx lapyra train',
    );

  /** Hands a command over to its own module. */
  const run =
    <A extends unknown[]>(load: () => Promise<(...args: A) => Promise<number>>) =>
    async (...args: A): Promise<void> => {
      const command = await load();
      outcome.code = await command(...args);
    };

  program
    .command('init')
    .description('make a project folder with a config from a preset')
    .argument('[folder]', 'where to', '.')
    .addOption(presetOption())
    .option('--json', 'print one JSON document')
    .action(run(async () => (await import('./commands/init.js')).init));

  withConfig(program.command('plan'))
    .description('print sizes, parameters, GFLOP, and estimated time and memory a step')
    .option('--json', 'print one JSON document')
    .action(run(async () => (await import('./commands/plan.js')).plan));

  withConfig(program.command('preview'))
    .description('take images of the config apart, and measure what the bands hold')
    .option(
      '--images <n>',
      'images to learn from, and to measure on (default: 500, or fewer)',
      wholeNumber(2),
    )
    .option('--out <file>', 'picture of images taken apart', 'preview.png')
    .option('--json', 'print one JSON document')
    .action(run(async () => (await import('./commands/preview.js')).preview));

  withConfig(program.command('train'))
    .description('train the levels of a pyramid, or go on where they stopped')
    .option('--level <size>', 'only this level (may be repeated)', collect, [])
    .option('--jobs <n>', 'levels trained at once (default: one a core)', wholeNumber(1))
    .option('--fresh', 'move the old run aside and begin anew')
    .option('--any-version', 'accept plugins of another major version than the run was made with')
    .option('--json', 'print events as JSON, one a line')
    .action(run(async () => (await import('./commands/train.js')).train));

  program
    .command('sample')
    .description('draw images from a trained run or an exported folder')
    .argument('[run]', 'name of a run, or a folder (default: the last one trained)')
    .option('-n, --count <n>', 'number of images (default: 64; a text: 8)', wholeNumber(1))
    .option('--seed <n>', 'seed of the noise', wholeNumber(0), 1)
    .option('--class <name>', 'class, by name, of a class-conditional pyramid')
    .option('--text <text>', 'what to draw, one row a text (may be repeated)', collect, [])
    .option('--interpolate <texts...>', 'draw a row from one text to another')
    .option('--style <image>', 'draw in the style of this picture')
    .option('--reroll <size=seed>', 'another seed for one level (may be repeated)', collect, [])
    .option('--from <image>', 'start from this picture instead of the first level')
    .addOption(
      new Option(
        '--range <how>',
        'dewhitened: true colours; stretched: each image from its darkest to its brightest',
      )
        .choices(['dewhitened', 'stretched'])
        .default('dewhitened'),
    )
    .option('--all-levels', 'also write a grid of each coarser level')
    .option('--out <path>', 'a .png file for a grid, or a folder for single files')
    .option('--backend <id>', 'backend to draw with', 'auto')
    .option('--json', 'print one JSON document')
    .action(run(async () => (await import('./commands/sample.js')).sample));

  program
    .command('enlarge')
    .description('enlarge a picture of any size with the refining levels of a run or an export')
    .argument('<run>', 'name of a run, or a folder')
    .argument('<picture>', 'a PNG, JPEG or WebP file')
    .requiredOption('--out <file>', 'PNG file to write')
    .option('--times <n>', 'how often the last level is applied', wholeNumber(1), 1)
    .option(
      '--level <size>',
      'refining level to apply (may be repeated, in order; default: the finest)',
      collect,
      [],
    )
    .option('--seed <n>', 'seed of the noise', wholeNumber(0), 1)
    .option('--class <name>', 'what the picture shows, for a class-conditional pyramid')
    .option(
      '--overlap <n>',
      'least overlap of tiles, in pixels (default: half a tile)',
      wholeNumber(0),
    )
    .option('--backend <id>', 'backend to draw with', 'auto')
    .option('--json', 'print one JSON document')
    .action(run(async () => (await import('./commands/enlarge.js')).enlarge));

  program
    .command('export')
    .description('write the trained levels as ONNX files')
    .argument('[run]', 'name of a run, or its folder (default: the last one trained)')
    .requiredOption('--out <dir>', 'folder to write')
    .option('--fused', 'also write the whole pyramid as one file')
    .option('--backend <id>', 'backend to export with', 'auto')
    .option('--json', 'print one JSON document')
    .action(run(async () => (await import('./commands/export.js')).exportCommand));

  program
    .command('features')
    .description('how well a linear classifier does on what a trained level makes of images')
    .argument('[run]', 'name of a run, or its folder (default: the last one trained)')
    .option('--level <size>', 'level (default: the finest)')
    .option('--net <name>', 'network of the level: d, the discriminator, or g, the generator', 'd')
    .option('--layer <name>', 'layer of the network (default: its last map)')
    .option('--images <n>', 'training images to learn from, at most', wholeNumber(20), 10_000)
    .option('--seed <n>', 'seed of the order of learning, and of noise', wholeNumber(0), 1)
    .option('--backend <id>', 'backend to compute with', 'auto')
    .option('--json', 'print one JSON document')
    .action(run(async () => (await import('./commands/features.js')).features));

  program
    .command('neighbours')
    .description('show the training images nearest to drawn samples: whether a run copies')
    .argument('[run]', 'name of a run, or its folder (default: the last one trained)')
    .option('-n, --count <n>', 'number of samples', wholeNumber(1), 16)
    .option('--seed <n>', 'seed of the noise', wholeNumber(0), 1)
    .option('--class <name>', 'class, by name, of a class-conditional pyramid')
    .option('--nearest <n>', 'training images for each sample', wholeNumber(1), 5)
    .option('--features [plugin]', 'also by the features of a plugin (default: the installed one)')
    .option('--layer <name>', 'layer of the features')
    .option('--out <file>', 'a .png file for the grid')
    .option('--backend <id>', 'backend to draw and search with', 'auto')
    .option('--json', 'print one JSON document')
    .action(run(async () => (await import('./commands/neighbours.js')).neighbours));

  program
    .command('likelihood')
    .description(
      'measure how many bits the levels need to tell images that they were not trained on',
    )
    .argument('[run]', 'name of a run, or its folder (default: the last one trained)')
    .option(
      '--level <size>',
      'this level (may be repeated; default: all that can tell)',
      collect,
      [],
    )
    .addOption(
      new Option('--split <name>', 'test images, or those kept aside for scores')
        .choices(['test', 'validation'])
        .default('test'),
    )
    .option('-n, --count <n>', 'number of images (default: all)', wholeNumber(1))
    .option('--backend <id>', 'backend to measure with', 'auto')
    .option('--json', 'print one JSON document')
    .action(run(async () => (await import('./commands/likelihood.js')).likelihood));

  program
    .command('status')
    .description('show how far each level of a run is')
    .argument('[run]', 'name of a run, or its folder (default: the last one trained)')
    .option('--json', 'print one JSON document')
    .action(run(async () => (await import('./commands/status.js')).status));

  program
    .command('noise')
    .description('measure how much of the detail that levels draw is due to their noise')
    .argument('[run]', 'name of a run, or its folder (default: the last one trained)')
    .option('--level <size>', 'only this level (may be repeated)', collect, [])
    .option('--images <n>', 'validation images to draw from', wholeNumber(2), 200)
    .option('--redraws <n>', 'draws from each', wholeNumber(2), 16)
    .option('--backend <id>', 'backend to draw with', 'auto')
    .option('--json', 'print one JSON document')
    .action(run(async () => (await import('./commands/noise.js')).noise));

  program
    .command('gap')
    .description('measure how much worse levels are on generated coarse images than on true ones')
    .argument('[run]', 'name of a run, or its folder (default: the last one trained)')
    .option('--images <n>', 'validation images, at most', wholeNumber(2), 1000)
    .option('--rounds <n>', 'how often everything is drawn', wholeNumber(1), 3)
    .option('--seed <n>', 'seed of the noise', wholeNumber(0), 1)
    .option('--backend <id>', 'backend to draw with', 'auto')
    .option('--json', 'print one JSON document')
    .action(run(async () => (await import('./commands/gap.js')).gap));

  program
    .command('finetune')
    .description('let the levels of a trained run learn together, in a copy of the run')
    .argument('[run]', 'name of a run, or its folder (default: the last one trained)')
    .requiredOption('--steps <n>', 'steps', wholeNumber(1))
    .option('--name <run>', 'name of the new run (default: the old one, and -finetuned)')
    .option('--batch <n>', 'images of a step', wholeNumber(1), 64)
    .option('--rate <x>', 'learning rate', positive, 0.0001)
    .option('--seed <n>', 'seed of everything random', wholeNumber(0), 1)
    .option('--images <n>', 'validation images of the gap before and after', wholeNumber(2), 1000)
    .option('--rounds <n>', 'how often everything is drawn for it', wholeNumber(1), 3)
    .option('--backend <id>', 'backend, or auto', 'auto')
    .option('--json', 'print one JSON document')
    .action(run(async () => (await import('./commands/finetune.js')).finetune));

  program
    .command('doctor')
    .description('list every backend: available, or why not and what would mend it')
    .option('--json', 'print one JSON document')
    .action(run(async () => (await import('./commands/doctor.js')).doctor));

  program
    .command('plugins')
    .description('list the plugins that this project has installed')
    .option('--json', 'print one JSON document')
    .action(run(async () => (await import('./commands/plugins.js')).plugins));

  return program;
}

/** Options that name and change a config. */
function withConfig(command: Command): Command {
  return command
    .option('--config <file>', 'config file (default: lapyra.config.ts)')
    .option('--name <run>', 'name of the run')
    .option('--set <path=value>', 'change one value of the config (may be repeated)', collect, [])
    .option('--steps <n>', 'steps for every level', wholeNumber(1))
    .option('--backend <id>', 'backend, or auto')
    .option('--seed <n>', 'seed of everything random', wholeNumber(0));
}

function presetOption(): Option {
  return new Option('--preset <name>', 'what to begin with')
    .choices([...PRESETS])
    .default(PRESETS[0]);
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError(`expected a number above 0, got '${text}'.`);
}

function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least || text.trim() === '') {
      throw new InvalidArgumentError(
        `expected a whole number of at least ${least}, got '${text}'.`,
      );
    }
    return value;
  };
}
