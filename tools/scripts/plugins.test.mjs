// Every plugin here passes the suites that its users and authors elsewhere are told of.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pluginConformance } from '@lapyra/testing';
import { describe, expect, it } from 'vitest';
import { repositoryFiles } from './markdown.mjs';
import { root } from './run.mjs';

const SUITES = {
  backend: 'engineConformance',
  dataset: 'datasetConformance',
  encoder: 'encoderConformance',
  features: 'featuresConformance',
  level: 'levelConformance',
  transform: 'transformConformance',
};
const folders = readdirSync(join(root, 'plugins'));

describe.each(folders)('plugins/%s', async (folder) => {
  const manifest = pathToFileURL(join(root, 'plugins', folder, 'package.json'));
  pluginConformance({ manifest, exports: await import(`@lapyra/${folder}`) });

  it('runs the suite of each kind of plugin that it has', () => {
    const { lapyra } = JSON.parse(readFileSync(manifest, 'utf8'));
    const tests = repositoryFiles(`plugins/${folder}/*.test.ts`).map((file) =>
      readFileSync(join(root, file), 'utf8'),
    );
    for (const kind of new Set(Object.values(lapyra.plugins))) {
      const runs = tests.some((text) => text.includes(`${SUITES[kind]}(`));
      expect(runs, `a test that calls ${SUITES[kind]}`).toBe(true);
    }
  });
});
