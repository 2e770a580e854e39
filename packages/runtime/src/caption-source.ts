import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { conditionWidth, type Engine, type OpenDataset, type TextEncoder } from '@lapyra/core';
import { openCaptionStore, writeCaptionStore } from '@lapyra/training';
import type { DataShape } from './composition/pyramid.js';
import { isWhole } from './is-whole.js';
import type { WorkHooks } from './prepare-data.js';
import { cacheFolder } from './project.js';

/** The captions of a run's images, as its levels need them. */
export interface CaptionSource {
  /** Changes when images, captions or encoder do. */
  readonly fingerprint: string;
  /**
   * The captions as vectors, one file for all levels and runs; written unless it is there.
   *
   * @param openEngine for encoders that are networks; opened only if there is something to encode
   * @throws {LapyraError} `LAPYRA_DATA_CAPTIONS`, what the encoder says of texts that it cannot read
   */
  store(openEngine: () => Promise<Engine>): Promise<string>;
}

interface CaptionSourceOptions {
  /** Of the dataset, for messages. */
  readonly name: string;
  readonly open: OpenDataset;
  readonly encoder: TextEncoder | null;
  readonly shape: DataShape;
  readonly hooks: WorkHooks;
  readonly signal: AbortSignal;
}

/** `null` for a pyramid that is told nothing of captions. */
export function captionSource(options: CaptionSourceOptions): CaptionSource | null {
  const { open, encoder, shape } = options;
  const { captions } = open;
  if (shape.condition.kind !== 'embedding' || !captions) return null;
  const fingerprint = [
    open.fingerprint,
    captions.fingerprint,
    encoder?.fingerprint ?? 'vectors of the dataset',
  ].join(' | ');
  return {
    fingerprint,
    store: async (openEngine) => {
      const file = captionFile(fingerprint);
      if (existsSync(file) && isWhole(() => openCaptionStore(file), options.hooks)) return file;
      const engine = encoder && (await openEngine());
      try {
        await write(file, { ...options, captions, fingerprint, engine });
      } finally {
        await engine?.dispose();
      }
      return file;
    },
  };
}

/** Where captions of this fingerprint are kept. */
export function captionFile(fingerprint: string): string {
  const key = createHash('sha256').update(fingerprint).digest('hex').slice(0, 24);
  return join(cacheFolder(), 'decoded', `${key}.captions`);
}

async function write(
  file: string,
  {
    name,
    open,
    encoder,
    shape,
    hooks,
    signal,
    captions,
    fingerprint,
    engine,
  }: CaptionSourceOptions & {
    readonly captions: NonNullable<OpenDataset['captions']>;
    readonly fingerprint: string;
    readonly engine: Engine | null;
  },
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeCaptionStore(file, {
    captions,
    count: open.count,
    fingerprint,
    width: conditionWidth(shape.condition),
    encode: encoder && engine && ((texts) => encoder.encode(texts, { engine, signal })),
    signal,
    progress: ({ done, total }) =>
      hooks.progress({ what: `reading captions of ${name}`, done, total, unit: 'images' }),
  });
}
