import type { DatasetContext } from '@lapyra/core';
import { fetchNpmFiles, fillCacheFolder, runNpm } from '@lapyra/datasets';

/** Fetches the labels of a published package into the cache, where they appear whole or not at all. */
export async function fetchLabels(context: DatasetContext, integrity: string): Promise<void> {
  const { cacheFolder } = context;
  const isThere = async (): Promise<boolean> => false;
  const cache = { cacheFolder, name: 'labels', title: 'labels', room: '1 MB', isThere };
  await fillCacheFolder(cache, async (folder) => {
    const from = { spec: 'some-labels@1.0.0', size: 12_345, integrity };
    const wanted = (path: string): boolean => path === 'labels.json';
    await fetchNpmFiles({ package: from, title: 'labels', folder, wanted, npm: runNpm }, context);
  });
}
