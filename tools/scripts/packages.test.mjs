// Every package has the same shape: what an author copies from one of them is right in all.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from './run.mjs';

const packages = ['packages', 'plugins', 'apps'].flatMap((group) =>
  readdirSync(join(root, group)).map((folder) => {
    const path = `${group}/${folder}`;
    return { path, ...JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) };
  }),
);
const plugins = packages.filter(({ path }) => path.startsWith('plugins/'));

describe('package.json', () => {
  it('of each package names, licenses and publishes it alike', () => {
    for (const one of packages) {
      const folder = one.path.split('/')[1];
      expect(one, one.path).toMatchObject({
        name: folder === 'lapyra' ? 'lapyra' : `@lapyra/${folder}`,
        description: expect.stringMatching(/\.$/),
        license: 'MIT',
        type: 'module',
        engines: { node: '>=20.19.0' },
        files: expect.arrayContaining(['dist']),
        publishConfig: { access: 'public' },
      });
    }
  });

  it('of each package leads each entry to source, types and code, in this order', () => {
    for (const { path, exports } of packages) {
      const { './package.json': manifest, ...entries } = exports;
      expect(manifest, path).toBe('./package.json');
      for (const entry of Object.values(entries)) {
        const stem = /^\.\/src\/(.+)\.ts$/.exec(entry['@lapyra/source'])?.[1];
        expect(Object.entries(entry), path).toEqual([
          ['@lapyra/source', `./src/${stem}.ts`],
          ['types', `./dist/${stem}.d.ts`],
          ['default', `./dist/${stem}.js`],
        ]);
      }
    }
  });

  it('asks for one version of each library, and for ours as they are here', () => {
    const asked = new Map(packages.map(({ name, version }) => [name, new Set([version])]));
    for (const { dependencies, devDependencies } of packages) {
      for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies })) {
        asked.set(name, new Set([...(asked.get(name) ?? []), range]));
      }
    }
    expect([...asked].filter(([, ranges]) => ranges.size > 1)).toEqual([]);
  });

  it('has tfjs-core as a peer, never as a dependency, so that there is one copy of it', () => {
    const owners = packages.filter(({ dependencies }) => dependencies?.['@tensorflow/tfjs-core']);
    expect(owners.map(({ path }) => path)).toEqual([]);
  });

  it('of each plugin names its kind and the contract, and has core as a peer', () => {
    for (const one of plugins) {
      const kind = one.path.slice('plugins/'.length).split('-')[0];
      expect(one, one.path).toMatchObject({
        keywords: expect.arrayContaining([`lapyra-${kind}`]),
        lapyra: { contract: 2 },
        peerDependencies: { '@lapyra/core': expect.any(String) },
      });
    }
  });
});

it('lets the tests of all packages run as they run alone: none has test settings of its own', () => {
  const plain = `import { project } from '../../vitest.base.js';\n\nexport default project(import.meta.url);\n`;
  for (const { path } of packages.filter(({ path: folder }) => !folder.startsWith('apps/')))
    expect(readFileSync(join(root, path, 'vitest.config.ts'), 'utf8'), path).toBe(plain);
});
