import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LapyraError, type OpenDataset } from '@lapyra/core';
import { openImageStore, writeImageStore } from '@lapyra/training';
import { type CaptionSource, captionSource } from './caption-source.js';
import { createDataset, createEncoder, type DataShape, dataShape } from './composition/pyramid.js';
import { isWhole } from './is-whole.js';
import type { ResolvedConfig } from './config/resolved-config.js';
import type { CreateOptions } from './plugins/create-plugin.js';
import { cacheFolder, type Project } from './project.js';

/** What long work tells while it goes on. */
export interface WorkHooks {
  /** A line worth knowing. */
  notice(line: string): void;
  progress(work: {
    readonly what: string;
    readonly done: number;
    readonly total: number;
    readonly unit: string;
  }): void;
}

export interface PreparedData {
  /** Name of the dataset, for messages. */
  readonly name: string;
  readonly shape: DataShape;
  readonly fingerprint: string;
  readonly images: { readonly train: number; readonly test: number };
  /** The decoded images, one file for all levels and runs; written unless it is there. */
  store(): Promise<string>;
  /** What the levels are told of each image, if that is made of texts or brought as vectors. */
  readonly captions: CaptionSource | null;
}

/**
 * Open a config's dataset: find or fetch it, and say what it means to the levels.
 *
 * @throws {LapyraError} `LAPYRA_DATASET_*` from the dataset, `LAPYRA_DATA_*`
 */
export async function prepareData(
  project: Project,
  config: ResolvedConfig,
  hooks: WorkHooks,
  options: CreateOptions & { readonly signal?: AbortSignal } = {},
): Promise<PreparedData> {
  const signal = options.signal ?? new AbortController().signal;
  const dataset = await createDataset(project, config, options);
  const open = await dataset.open({
    projectFolder: project.folder,
    cacheFolder: cacheFolder(),
    signal,
    progress: (event) => hooks.progress(event),
    notice: (line) => hooks.notice(line),
  });
  checkValidation(config, open.count.train);
  const encoder = await createEncoder(project, config, options);
  const shape = dataShape(config, open, encoder);
  return {
    name: dataset.name,
    shape,
    fingerprint: open.fingerprint,
    images: open.count,
    store: () => storeImages(dataset.name, open, hooks, signal),
    captions: captionSource({ name: dataset.name, open, encoder, shape, hooks, signal }),
  };
}

/** The images kept aside for scores must leave some to train on. */
function checkValidation({ data: { validation } }: ResolvedConfig, images: number): void {
  if (validation === null || validation < images) return;
  throw new LapyraError(
    'LAPYRA_DATA_VALIDATION',
    `data.validation: expected 0…${images - 1} of ${images} training images, got ${validation}.`,
  );
}

/**
 * The decoded images of an opened dataset as one file in the cache folder, for `openImageStore`; written unless it is
 * there and whole.
 *
 * @param name for messages
 */
export async function storeImages(
  name: string,
  open: OpenDataset,
  hooks: WorkHooks,
  signal: AbortSignal,
): Promise<string> {
  const key = createHash('sha256').update(open.fingerprint).digest('hex').slice(0, 24);
  const file = join(cacheFolder(), 'decoded', `${key}.images`);
  if (existsSync(file) && isWhole(() => openImageStore(file), hooks)) return file;
  await mkdir(dirname(file), { recursive: true });
  await writeImageStore(file, open, {
    signal,
    progress: ({ done, total }) =>
      hooks.progress({ what: `decoding ${name}`, done, total, unit: 'images' }),
  });
  return file;
}
