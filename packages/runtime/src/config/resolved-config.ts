import {
  type Descriptor,
  type FitSignature,
  type Json,
  type PyramidConfig,
  type Size,
  sizeName,
  toSize,
  type TrainedLevelConfig,
  type WhiteningKind,
} from '@lapyra/core';
import type { ScoreRecord } from '@lapyra/training';

/** A descriptor as it is stored with a run: with the version of the package that made sense of it. */
export interface StoredDescriptor {
  readonly use: string;
  readonly options: { readonly [key: string]: Json };
  readonly version: string;
  /** SHA-256 of the files that its options name, by option; not there if there are none. */
  readonly files?: { readonly [option: string]: string };
}

/** A config with every default filled in: plain data, as it stands in a run's `config.json`. */
export interface ResolvedConfig {
  readonly name: string;
  readonly seed: number;
  readonly data: {
    readonly from: StoredDescriptor;
    /** `null`: the whole image. */
    readonly crop: Size | null;
    readonly flip: boolean;
    readonly whitening: WhiteningKind;
    /** `null`: a tenth of the training images, at most 5000. */
    readonly validation: number | null;
  };
  readonly transform: StoredDescriptor;
  readonly condition: ResolvedCondition;
  readonly backend: string;
  readonly levels: readonly ResolvedLevel[];
}

export type ResolvedCondition =
  'none' | 'class' | 'embedding' | { readonly text: StoredDescriptor };

export interface ResolvedLevel {
  /** `14` or `14x20`. */
  readonly name: string;
  readonly size: Size;
  readonly model: StoredDescriptor;
  readonly steps: number;
  readonly checkpointEvery: number;
  readonly scoreEvery: number;
  readonly scoreImages: number;
  readonly nearest: { readonly k: number; readonly images: number };
  /** Generated coarse images that it learns on, if it does. */
  readonly generatedCoarse?: GeneratedCoarse;
  /** Where the level comes from, if it was trained in another run; it is not trained again. */
  readonly origin?: LevelOrigin;
}

export interface GeneratedCoarse {
  readonly share: number;
  readonly images: number;
  /** Name or folder of another run, as the config has it. */
  readonly from?: string;
}

/** Another run's level, as it was when it was taken over. */
export interface LevelOrigin {
  /** Its folder, as the config names it. */
  readonly from: string;
  /** The name of that run. */
  readonly run: string;
  /** Steps that it was trained there, up to its best checkpoint. */
  readonly step: number;
  /** `null` if it was not scored. */
  readonly score: ScoreRecord | null;
  /** What it expects from the level below and gives to the one above. */
  readonly fit: FitSignature;
}

export interface ResolveOptions {
  /** Name of the run. */
  readonly name: string;
  /** The levels that are taken from other runs, by the folders that the config names. */
  readonly swapped?: ReadonlyMap<string, ResolvedLevel>;
  /** The installed version of a plugin's package. */
  versionOf(use: string): string;
  /** SHA-256 of the files that a descriptor's options name. @default none */
  readonly filesOf?: (chosen: Descriptor) => { readonly [option: string]: string };
}

/** Fill in the defaults of a checked config. */
export function resolveConfig(config: PyramidConfig, options: ResolveOptions): ResolvedConfig {
  const { data } = config;
  const stored = (chosen: Descriptor): StoredDescriptor => {
    const files = options.filesOf?.(chosen) ?? {};
    return {
      use: chosen.use,
      options: chosen.options,
      version: options.versionOf(chosen.use),
      ...(Object.keys(files).length > 0 ? { files } : {}),
    };
  };
  return {
    name: options.name,
    seed: config.seed ?? 1,
    data: {
      from: stored(data.from),
      crop: data.crop === undefined ? null : toSize(data.crop),
      flip: data.flip ?? false,
      whitening: data.whitening ?? 'channel',
      validation: data.validation ?? null,
    },
    transform: stored(config.transform),
    condition:
      typeof config.condition === 'object'
        ? { text: stored(config.condition.text) }
        : (config.condition ?? 'none'),
    backend: config.backend ?? 'auto',
    levels: config.levels.map((level) =>
      level.from === undefined
        ? { ...resolveLevel(level), model: stored(level.model) }
        : options.swapped!.get(level.from)!,
    ),
  };
}

/** @param level less its model */
export function resolveLevel(
  level: Omit<TrainedLevelConfig, 'model'>,
): Omit<ResolvedLevel, 'model'> {
  const size = toSize(level.size);
  const { steps } = level;
  return {
    name: sizeName(size),
    size,
    steps,
    checkpointEvery: level.checkpointEvery ?? Math.min(500, Math.max(1, Math.ceil(steps / 10))),
    scoreEvery: level.scoreEvery ?? Math.max(1, Math.ceil(steps / 5)),
    scoreImages: level.scoreImages ?? 1000,
    nearest: { k: level.nearest?.k ?? 16, images: level.nearest?.images ?? 200 },
    ...(level.generatedCoarse && {
      generatedCoarse: { ...level.generatedCoarse, images: level.generatedCoarse.images ?? 5000 },
    }),
  };
}
