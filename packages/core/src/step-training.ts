// How a level learns by steps: what it declares, so that the framework can run the loop, store and resume it.
import type { Draw, RandomInput } from './draw.js';
import type { StateTensor } from './state-tensor.js';
import type { ProgramResult, TensorProgram, Tensors } from './tensor-program.js';
import type { Resample } from './transform.js';

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
   * as far as it declares them, `image` [B, H, W, C] and those of a level's sampler; its only output is `features`
   * [B, …]. It computes as a sampler draws: with running statistics, without dropout.
   */
  program(layer: string): TensorProgram;
}

/** Scores of a level, lower is better. */
export type ScoreId = 'sliced-wasserstein' | 'frechet-pixels';
