import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import {
  type FitPyramid,
  type FitSignature,
  fitSignature,
  type Level,
  type Size,
  type StoredWhitening,
  storeWhitening,
  type Whitening,
} from '@lapyra/core';
import { onDisk, type RunPaths, writeJsonDurably } from '@lapyra/training';
import type { Pyramid } from '../composition/pyramid.js';
import type { StoredDescriptor } from '../config/resolved-config.js';

/** `level.json` in a level's folder: what another run must know of the level to take it over. Plain data. */
export interface LevelRecord {
  readonly format: 1;
  /** The run that trains it. */
  readonly run: string;
  readonly size: Size;
  readonly model: StoredDescriptor;
  /** Steps of its whole training. */
  readonly steps: number;
  /** It fits itself, or has nothing to learn: then it is done after one step, whatever `steps` says. */
  readonly atOnce?: boolean;
  readonly fit: FitSignature;
  /** Of the images that it is trained on. */
  readonly whitening: StoredWhitening;
}

/** Write down what each level of a run is, unless it is there. */
export async function writeLevelRecords(
  paths: RunPaths,
  { config, levels, transform }: Pyramid,
  whitening: Whitening,
): Promise<void> {
  const sizes = config.levels.map(({ size }) => size);
  const pyramid: FitPyramid = { sizes, transform: transform.plain, whitening };
  for (const [index, { name, size, model, steps }] of config.levels.entries()) {
    const file = paths.level(name).record;
    const known = await readLevelRecord(file);
    const atOnce = levels[index]?.training?.kind !== 'steps';
    if (
      known?.steps === steps &&
      known.model.version === model.version &&
      (known.atOnce ?? false) === atOnce
    )
      continue;
    const record: LevelRecord = {
      format: 1,
      run: config.name,
      size,
      model,
      steps,
      ...(atOnce ? { atOnce } : {}),
      fit: fitSignature((levels[index] as Level).place, pyramid),
      whitening: storeWhitening(whitening),
    };
    await onDisk(paths.level(name).folder, () =>
      mkdir(paths.level(name).folder, { recursive: true }),
    );
    await writeJsonDurably(file, record);
  }
}

/** `null` if there is none, or something else. */
export async function readLevelRecord(file: string): Promise<LevelRecord | null> {
  if (!existsSync(file)) return null;
  try {
    const record = JSON.parse(await readFile(file, 'utf8')) as Partial<LevelRecord> | null;
    const whole =
      record?.format === 1 &&
      typeof record.run === 'string' &&
      Array.isArray(record.size) &&
      typeof record.model?.use === 'string' &&
      typeof record.fit?.givesHash === 'string' &&
      Array.isArray(record.whitening?.mean);
    return whole ? (record as LevelRecord) : null;
  } catch {
    return null;
  }
}
