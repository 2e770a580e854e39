import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dataset } from '@lapyra/core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { datasetChecks } from './dataset/dataset-checks.js';
import { listeningContext } from './dataset/listening-context.js';

export interface DatasetConformanceOptions {
  /** Title of the suite. */
  readonly name: string;
  /** Make the dataset, of few and small images. */
  readonly create: () => Dataset | Promise<Dataset>;
  /** Folder that relative paths in the options start from. @default `/` */
  readonly projectFolder?: string;
}

/**
 * The conformance suite of datasets: call it at the top of a test file.
 *
 * The dataset is opened with an empty cache and again with what it left there. Each time it must declare a size,
 * channels, classes, a fingerprint and counts that hold for what it then reads: as many images as it said, all of that
 * size, labels that are classes, and the same bytes in the same order at every reading, also after one that was broken
 * off; captions for as many images, if it has any. What it reports on the way must be lines and growing numbers.
 */
export function datasetConformance({
  name,
  create,
  projectFolder = '/',
}: DatasetConformanceOptions): void {
  describe(name, () => {
    let cacheFolder = '';
    beforeAll(async () => {
      cacheFolder = await mkdtemp(join(tmpdir(), 'lapyra-dataset-'));
    });
    afterAll(() => rm(cacheFolder, { recursive: true, force: true }));

    const checks = datasetChecks({
      create,
      context: () => listeningContext(cacheFolder, { projectFolder }),
    });
    for (const { title, run } of checks) it(title, run);
  });
}
