import type { Descriptor } from './descriptor.js';
import type { SizeLike } from './size.js';

/** A pyramid as people write it in `lapyra.config.ts`. Plain data: it survives JSON and back. */
export interface PyramidConfig {
  /** The name of the run: its folder under `runs/`. Default: the name of the project folder. */
  readonly name?: string;
  /** Seed of everything random. @default 1 */
  readonly seed?: number;
  readonly data: DataConfig;
  readonly transform: Descriptor<'transform'>;
  /** From coarse to fine. The last one has the size of the crops. */
  readonly levels: readonly LevelConfig[];
  /** What every level is conditioned on. @default 'none' */
  readonly condition?: ConditionConfig;
  /** Id of a backend, or `auto`: the first that is available. @default 'auto' */
  readonly backend?: string;
}

/**
 * What the levels are told of an image: nothing, its class, a vector that the dataset has for it, or one of its texts, by
 * way of an encoder.
 */
export type ConditionConfig =
  'none' | 'class' | 'embedding' | { readonly text: Descriptor<'encoder'> };

export interface DataConfig {
  readonly from: Descriptor<'dataset'>;
  /** Train on random crops of this size. Default: the whole image. */
  readonly crop?: SizeLike;
  /** Mirror half of the crops. @default false */
  readonly flip?: boolean;
  /** Normalise by mean and deviation of each pixel position, of each channel, or to the plain range [−1, 1]. @default 'channel' */
  readonly whitening?: WhiteningKind;
  /** Training images kept aside for scores, the last of the set. Default: a tenth, at most 5000. */
  readonly validation?: number;
}

export type WhiteningKind = 'pixel' | 'channel' | 'range';

/** A level to train, or one that was trained in another run. */
export type LevelConfig = TrainedLevelConfig | SwappedLevelConfig;

/** A level that this run trains. */
export interface TrainedLevelConfig {
  readonly size: SizeLike;
  readonly model: Descriptor<'level'>;
  /** Training steps. */
  readonly steps: number;
  /** Steps between checkpoints. Default: a tenth of the steps, at most 500. */
  readonly checkpointEvery?: number;
  /** Steps between scores (and sample pictures). Default: a fifth of the steps. */
  readonly scoreEvery?: number;
  /** Images per score, at least 4. @default 1000 */
  readonly scoreImages?: number;
  /** The authors' distance, measured before and after training: to the nearest of k drawn images. */
  readonly nearest?: {
    /** Images drawn for each. @default 16 */
    readonly k?: number;
    /** Images that it is the mean over. @default 200 */
    readonly images?: number;
  };
  /**
   * Learn also on coarse images that the trained levels below have drawn, as the level will be given in sampling: for
   * levels whose plugin can. Their training waits for those below.
   */
  readonly generatedCoarse?: {
    /** Part of the coarse images that a generator draws on, in (0, 1]. */
    readonly share: number;
    /** How many are drawn, once, before the level begins. @default 5000 */
    readonly images?: number;
    /** Name or folder of a run whose levels draw them. Default: this one. */
    readonly from?: string;
  };
  readonly from?: never;
}

/**
 * A level that another run has trained, with its size, its plugin and its best checkpoint as they are there. It is copied
 * into the new run and not trained again.
 */
export interface SwappedLevelConfig {
  /** Folder of the level, such as `runs/a/levels/14`; relative ones start at the project's folder. */
  readonly from: string;
  readonly size?: never;
  readonly model?: never;
  readonly steps?: never;
  readonly generatedCoarse?: never;
}
