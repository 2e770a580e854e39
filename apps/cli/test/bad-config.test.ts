// A config or a command line that cannot be: refused before anything is done, with what is wrong and the way out.
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestProject, type Ended, type TestProject } from './test-project.js';
import { tinyConfig } from './tiny-config.js';

/** A config as a person may have written it: anything. */
type Draft = Record<string, unknown> & {
  data: Record<string, unknown> & { from: { use: string; options: Record<string, unknown> } };
  transform: { use: string; options: Record<string, unknown> };
  levels: (Record<string, unknown> & {
    model: { use: string; options: Record<string, unknown> };
  })[];
};

let project: TestProject;
beforeAll(() => {
  project = createTestProject(['@lapyra/backend-tfjs', '@lapyra/transform-haar']);
});
afterAll(() => project.remove());

const draft = (): Draft => structuredClone(tinyConfig()) as unknown as Draft;

async function planOf(change: (config: Draft) => void, ...flags: string[]): Promise<Ended> {
  const config = draft();
  change(config);
  project.configure(config);
  return project.ask(['plan', ...flags]);
}

/** What was refused: the exit code, and the message with its hint. */
async function refusal(change: (config: Draft) => void, ...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await planOf(change, ...flags);
  expect(code, stdout).toBe(1);
  return stderr.slice(stderr.indexOf('error '));
}

describe('a config', () => {
  it('is told every mistake at once, with its path and the nearest name', async () => {
    const message = await refusal((config) => {
      Object.assign(config, { sead: 1, transform: 3, name: '../elsewhere' });
      Object.assign(config.data, { flip: 'yes', crop: [8] });
      Object.assign(config.levels[0]!, { stesp: 3 });
      config.levels[1] = {
        ...config.levels[1]!,
        steps: -2,
        model: { use: './mine.js#x', options: {} },
      };
    });
    expect(message).toBe(
      [
        'error lapyra.config.json: 8 mistakes',
        "  name: expected letters, digits, '.', '_' and '-', got \"../elsewhere\"",
        '  data.crop: expected (number | Array), got Array',
        '  data.flip: expected boolean, got "yes"',
        '  transform: expected Object, got 3',
        "  levels[0].stesp: unknown key; did you mean 'steps'?",
        '  levels[1].model.use: expected \'package-name#export\', got "./mine.js#x"',
        '  levels[1].steps: expected >=1, got -2',
        "  sead: unknown key; did you mean 'seed'? (LAPYRA_CONFIG_INVALID)",
        'hint  Options are listed in docs/configuration.md.',
        '',
      ].join('\n'),
    );
  });

  it('is told wrong options of all its plugins at once', async () => {
    const message = await refusal((config) => {
      config.data.from.options['sorce'] = 'folder';
      Object.assign(config.levels[0]!.model.options, { average: 2 });
      Object.assign(config.levels[1]!.model.options, {
        widht: 4,
        pixelLoss: 'much',
        generator: { kernels: [2, 3], kernel: 3 },
      });
    });
    expect(message).toContain('lapyra.config.json: 3 mistakes');
    expect(message).toMatch(
      /data\.from: plugin @lapyra\/dataset-cifar10#cifar10: options are wrong/,
    );
    expect(message).toContain("sorce: unknown key; did you mean 'source'?");
    expect(message).toContain('average: expected a number below 1');
    expect(message).toContain('generator.kernels[0]: expected an odd kernel, which keeps the size');
    expect(message).toContain("generator.kernel: unknown key; did you mean 'kernels'?");
    expect(message).toContain('pixelLoss: expected number, got "much"');
    expect(message).toContain("widht: unknown key; did you mean 'width'?");
  });

  it.each([
    ['a function', "name: () => 'x'", 'name: expected plain data, got a function.'],
    ['NaN', 'seed: NaN', 'seed: expected plain data, got NaN.'],
    ['a typed array', 'seed: new Uint8Array(2)', 'seed: expected plain data, got a Uint8Array.'],
  ])('refuses %s by its path', async (_, text, message) => {
    project.write('odd.ts', `export default { ...${JSON.stringify(draft())}, ${text} };\n`);
    const { code, stderr } = await project.ask(['plan', '--config', 'odd.ts']);
    expect(code).toBe(1);
    expect(stderr).toContain(`error odd.ts.${message} (LAPYRA_CONFIG_NOT_DATA)`);
  });

  it.each([
    ['syntax.ts', 'export default {\n  levels: [\n};\n', 'syntax.ts:3:0: ERROR: Unexpected "}"'],
    ['throws.ts', "throw new Error('boom');\n", 'throws.ts: could not be read: boom'],
    ['none.ts', 'export const x = 3;\n', 'none.ts: expected a default export, got none.'],
    ['cut.json', '{', 'cut.json: could not be read: '],
  ])('that cannot be read is named: %s', async (file, content, message) => {
    project.write(file, content);
    const { code, stderr } = await project.ask(['plan', '--config', file]);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).toContain('(LAPYRA_CONFIG_LOAD)');
    expect(readdirSync(project.folder).filter((name) => name.endsWith('.mjs'))).toEqual([]);
  });

  it('that is not there is asked for', async () => {
    mkdirSync(project.path('bare'), { recursive: true });
    const none = await project.lapyra(['plan'], { in: 'bare' });
    expect(none.code).toBe(1);
    expect(none.stderr).toContain('(LAPYRA_CONFIG_NOT_FOUND)\nhint  Make one with: lapyra init');
    const other = await project.ask(['plan', '--config', 'nowhere.ts']);
    expect(other.stderr).toContain(`expected a file at ${project.path('nowhere.ts')}, got none.`);
  });
});

describe('levels', () => {
  it.each([
    [
      'the same twice',
      [14, 14],
      'transform box-bilinear: expected sizes that grow, got 14 below 14.',
    ],
    [
      'shrinking ones',
      [20, 14],
      'transform box-bilinear: expected sizes that grow, got 20 below 14.',
    ],
  ])('that do not grow are refused: %s', async (_, sizes, message) => {
    const found = await refusal((config) => {
      sizes.forEach((size, index) => (config.levels[index]!['size'] = size));
    });
    expect(found).toContain(`${message} (LAPYRA_TRANSFORM_SIZES)`);
    expect(found).toContain('hint  Sizes run from coarse to fine');
  });

  it.each([
    ['@lapyra/transform-laplacian#burtAdelson', 'burt-adelson'],
    ['@lapyra/transform-haar#haar', 'haar'],
  ])('that the transform cannot do are refused: %s', async (use, id) => {
    const found = await refusal((config) => (config.transform.use = use));
    expect(found).toContain(`transform ${id}: expected sizes that double, got 8 below 14.`);
    expect(found).toContain('The transform box-bilinear takes any sizes that grow.');
  });

  it('must end at the size of the crops, and crops lie inside the images', async () => {
    const other = await refusal((config) => (config.data['crop'] = 16));
    expect(other).toContain(
      'expected the last level to have the size of the training crops, 16, got 14.',
    );
    expect(other).toContain('hint  Set data.crop to 14, or add a level of size 16.');
    const large = await refusal((config) => (config.data['crop'] = 40));
    expect(large).toContain('data.crop: expected at most 32, the size of the images, got 40.');
  });

  it('must fit their place', async () => {
    const above = await refusal((config) => (config.levels[1]!.model = config.levels[0]!.model));
    expect(above).toContain('dense at 14: expected to be the first level, got a level of 8 below.');
    expect(above).toContain('hint  Use refine() for a level that adds detail to a smaller image.');
    const below = await refusal((config) => (config.levels[0]!.model = config.levels[1]!.model));
    expect(below).toContain('refine at 8: expected a level below, got the first place');
    const wide = await refusal((config) => {
      config.levels[1]!.model.options['discriminator'] = { layers: [{ kernel: 15 }] };
    });
    expect(wide).toContain('expected room for discriminator layer 1 (kernel 15, padding 0)');
  });
});

describe('a backend', () => {
  const nothing = (): undefined => undefined;

  it('that nobody has is told the nearest one', async () => {
    const found = await refusal(nothing, '--backend', 'onnxruntime-cp');
    expect(found).toMatch(/backend: expected onnxruntime-cpu, .*auto, got 'onnxruntime-cp'\./);
    expect(found).toContain('hint  Did you mean onnxruntime-cpu?');
  });

  it('that is named but not available is the error, with its mending: no other takes its place', async () => {
    const found = await refusal(nothing, '--backend', 'tfjs-node');
    expect(found).toContain(
      'backend tfjs-node: not available: @tensorflow/tfjs-node is not installed',
    );
    expect(found).toContain('(LAPYRA_BACKEND_UNAVAILABLE)');
    expect(found).toContain('hint  npm install @tensorflow/tfjs-node');
  });

  it('that cannot train is told what it can', async () => {
    const found = await refusal((config) => (config['backend'] = 'tfjs-wasm'));
    expect(found).toContain('expected one that can train, got one that can sample.');
  });
});

describe('a command line', () => {
  it.each([
    [['train', '--leve', '8'], "error: unknown option '--leve'\n(Did you mean --level?)"],
    [['trian'], "error: unknown command 'trian'\n(Did you mean train?)"],
    [['plan', 'extra'], "error: too many arguments for 'plan'."],
    [['export'], "error: required option '--out <dir>' not specified"],
    [['train', '--steps', '1.5'], "expected a whole number of at least 1, got '1.5'."],
    [['sample', '-n', '0'], "expected a whole number of at least 1, got '0'."],
    [['sample', '--range', 'odd'], 'Allowed choices are dewhitened, stretched.'],
    [['init', '--preset', 'odd'], 'Allowed choices are cifar10-quick, cifar10-class-quick,'],
  ])('that was not understood has exit code 2: %j', async (args, message) => {
    const { code, stdout, stderr } = await project.lapyra(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it.each([
    [['--set', 'levels.15.steps=4'], "there is no '15' to set something in.", "Did you mean '14'?"],
    [['--set', 'seed'], 'expected path=value', 'A path leads through the config'],
    [['--set', 'seed=abc'], 'seed: expected number, got "abc"', 'Options are listed'],
    [['--name', '../elsewhere'], 'name: expected letters, digits', 'Options are listed'],
  ])(
    'that changes a config badly is refused as the config would be: %j',
    async (flags, message, hint) => {
      const found = await refusal(() => undefined, ...flags);
      expect(found).toContain(message);
      expect(found).toContain(`hint  ${hint}`);
    },
  );

  it('that names a level or a run that is not there is told those that are', async () => {
    project.configure(tinyConfig());
    const level = await project.ask(['train', '--level', '15']);
    expect(level.code).toBe(1);
    expect(level.stderr).toContain(
      "level: expected one of 8, 14, got '15'. (LAPYRA_LEVEL_UNKNOWN)",
    );
    for (const command of [['status'], ['sample'], ['export', '--out', 'x']]) {
      const run = await project.ask(command);
      expect(run.code).toBe(1);
      expect(run.stderr).toContain(`expected one in ${project.path('runs')}, got none.`);
      expect(run.stderr).toContain('hint  Train one with: lapyra train');
    }
    expect(existsSync(project.path('runs'))).toBe(false);
  });
});
