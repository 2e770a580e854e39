import { datasetConformance, listeningContext, pluginConformance } from '@lapyra/testing';
import { expect, it } from 'vitest';
import * as exported from '../src/index.js';

const { myPlugin } = exported;

pluginConformance({ manifest: new URL('../package.json', import.meta.url), exports: exported });

const small = { side: 8, train: 20, test: 5 };

datasetConformance({
  name: 'myPlugin',
  create: () => myPlugin.plugin.create(small, undefined),
});

it('has other images for training than for tests, and both colours of each', async () => {
  const open = await (await myPlugin.plugin.create(small, undefined)).open(listeningContext('/'));
  const first: string[] = [];
  for (const split of ['train', 'test'] as const)
    for await (const { pixels } of open.read(split)) {
      const image = pixels.slice(0, 8 * 8 * 3);
      const colours = Array.from({ length: 64 }, (_, at) =>
        String(image.slice(3 * at, 3 * at + 3)),
      );
      expect(new Set(colours).size).toBe(2);
      first.push(String(image));
    }
  expect(first[0]).not.toBe(first[1]);
});
