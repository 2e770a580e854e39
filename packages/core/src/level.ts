// A level is anything that turns noise, and for all but the first a coarser image, into a larger image. The pyramid
// knows nothing of networks; a level knows nothing of its neighbours.
import type { Draw, RandomInput } from './draw.js';
import type { Engine } from './engine.js';
import type { NoiseSpec } from './noise.js';
import type { LevelPlace } from './place.js';
import type { ProgramResult, TensorProgram, Tensors } from './tensor-program.js';
import type { Resample } from './transform.js';
import type { DType, TensorValue, TensorValues, TypedData } from './tensor-value.js';

export interface Level {
  readonly place: LevelPlace;
  readonly noise: NoiseSpec;
  /** A band is added to u(coarse) by the pyramid; an image is taken as it is. */
  readonly output: 'band' | 'image';
  /**
   * The inputs of a sampler are, as far as it declares them: `coarse` [B, h, w, C], `low` = u(coarse) [B, H, W, C],
   * `condition` [B, width] and `noise.<name>` [B, …]; its only output is `band` or `image` [B, H, W, C].
   */
  readonly sampler: TensorProgram | HostSampler;
  /**
   * How probable an image is: of levels that know it exactly. From `image` [B, H, W, C], rounded to whole pixels of 8 bits
   * by the level itself, and as far as it declares them `coarse`, `low` and `condition`, to `logLikelihood` [B] in nats.
   * It reads the sampler's state.
   */
  readonly likelihood?: TensorProgram;
  /** `null`: nothing to train. */
  readonly training: StepTraining | HostTraining | null;
}

/** A sampler that is not one tensor program: it searches, loops, or runs a model of its own. */
export interface HostSampler {
  readonly kind: 'host';
  /**
   * Make ready to draw with a trained state.
   *
   * @param engine where the sampler may compile programs or load files; it releases them with `dispose`
   */
  open(state: TensorValues, engine: Engine): Promise<OpenHostSampler>;
}

export interface OpenHostSampler {
  /** The inputs of {@link Level.sampler}, all of them; the same inputs give the same images. */
  sample(inputs: TensorValues, work?: WorkContext): Promise<TensorValue>;
  dispose(): Promise<void>;
}

/** How long work on the host is watched and stopped. */
export interface WorkContext {
  readonly signal: AbortSignal;
  report(progress: { readonly done: number; readonly total: number; readonly note?: string }): void;
}

/** What a state tensor is for. Only weights count as parameters; what is frozen is given, and never written. */
export type StateRole = 'weight' | 'statistic' | 'optimiser' | 'average' | 'frozen';

/** How a state tensor begins: drawn by the host, keyed by (seed, level, tensor name). */
export type Initial =
  | { readonly fill: number }
  | { readonly uniform: readonly [low: number, high: number] }
  | { readonly normal: readonly [mean: number, deviation: number] }
  /** The same value as another state tensor. */
  | { readonly copy: string }
  /** Given numbers, row-major: weights that were trained elsewhere. */
  | { readonly values: TypedData };

export interface StateTensor {
  readonly shape: readonly number[];
  readonly role: StateRole;
  readonly initial: Initial;
  /** @default 'float32' */
  readonly dtype?: DType;
}

/** Where a run stands, for schedules. */
export interface StepClock {
  /** Steps done so far: 0 at the first step. */
  readonly step: number;
  /** Steps of the whole training. */
  readonly steps: number;
  /** Number of training images, for schedules by epoch. */
  readonly images: number;
}

/** A scalar input of step programs that the host sets anew at each step. */
export interface ScheduledScalar {
  at(clock: StepClock): number;
  /** A learning rate: halved when a diverged level is tried again. */
  readonly isRate?: boolean;
}

/**
 * One program of a training step. `run` is pure, like a {@link TensorProgram}. Its inputs are `<draw>.<part>` for
 * its draws, `<noise draw>.<noise name>` for its noise, and its random inputs and scalars by their names.
 *
 * **Gates**: the program itself decides, without waiting for the host, whether a step counts: scalars in [0, 1]
 * computed inside it blend old and new state. One gate is required: a step whose new state or losses are not all
 * finite leaves the state as it was and returns 0 as the output `finite` (otherwise 1).
 */
export interface StepProgram {
  readonly name: string;
  readonly draws: Readonly<Record<string, Draw>>;
  /** Named draws of the level's noise: how many images each. */
  readonly noise: Readonly<Record<string, number>>;
  readonly random: Readonly<Record<string, RandomInput>>;
  readonly scalars: readonly string[];
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  /** Scalars to record (float32), `finite` among them. */
  readonly outputs: readonly string[];
  /** @param resample the pyramid's d and u, for losses that compare sizes */
  run(state: Tensors, inputs: Tensors, resample: Resample): ProgramResult;
}

/** Training by steps of tensor programs: the framework runs the loop. */
export interface StepTraining {
  readonly kind: 'steps';
  readonly state: Readonly<Record<string, StateTensor>>;
  readonly programs: readonly StepProgram[];
  /** Names of the programs to run at a step, in order, known beforehand. Default: all, in the order given. */
  order?(clock: StepClock): readonly string[];
  readonly scalars: Readonly<Record<string, ScheduledScalar>>;
  /** For each state tensor that the sampler reads, the tensor of the training state that it is. */
  readonly samplerState: Readonly<Record<string, string>>;
  /**
   * From an image to the noise that the level would draw it from, as far as that was learnt: reads tensors of the training
   * state, writes none; its input is `image` [B, H, W, C], its outputs are `noise.<name>` [B, …], all of the level's.
   */
  readonly style?: TensorProgram;
  /** What joint fine-tuning of a whole pyramid goes by; a level without it is left as it is there. */
  readonly critic?: Critic;
  /**
   * Networks whose layers can be reused as features of images, by the names that people call them by: `d` for a
   * discriminator, `g` for a generator.
   */
  readonly networks?: Readonly<Record<string, LevelNetwork>>;
  /** What keep-best goes by. Default: `sliced-wasserstein` for a refining level, `frechet-pixels` for a first one. */
  readonly score?: ScoreId;
}

/** A trained judge of a level's images. */
export interface Critic {
  /**
   * Reads tensors of the training state, writes none; its inputs are, as far as it declares them, `image` and `low`
   * [B, H, W, C], `coarse` [B, h, w, C] and `condition` [B, width]; its only output is `logits` [B, …], above 0 for real. It judges as a sampler
   * draws: with running statistics, without dropout.
   */
  readonly program: TensorProgram;
  /** The game that it was trained in. */
  readonly loss: 'cross-entropy' | 'hinge' | 'least-squares';
}

/** A trained network of a level, layer by layer. */
export interface LevelNetwork {
  /** Names of its layers, from input to output. */
  readonly layers: readonly string[];
  /**
   * The network as far as one of its layers. The program reads tensors of the training state, writes none; its inputs are,
   * as far as it declares them, `image` [B, H, W, C] and those of {@link Level.sampler}; its only output is `features`
   * [B, …]. It computes as a sampler draws: with running statistics, without dropout.
   */
  program(layer: string): TensorProgram;
}

/** Scores of a level, lower is better. */
export type ScoreId = 'sliced-wasserstein' | 'frechet-pixels';

/** Training that a level does by itself, on the host. */
export interface HostTraining {
  readonly kind: 'host';
  /** Returns the state that the sampler is given from then on; it is stored with the run. */
  fit(data: LevelData, context: FitContext): Promise<TensorValues>;
}

/** The training images as a level sees them. */
export interface LevelData {
  readonly count: number;
  /** The wanted parts of some images, prepared for the level's place. */
  read(indices: readonly number[], parts: readonly Draw['of'][number][]): Promise<TensorValues>;
}

export interface FitContext extends WorkContext {
  readonly seed: number;
}
