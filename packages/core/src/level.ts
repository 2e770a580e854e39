// A level is anything that turns noise, and for all but the first a coarser image, into a larger image. The pyramid
// knows nothing of networks; a level knows nothing of its neighbours.
import type { Engine } from './engine.js';
import type { HostTraining, WorkContext } from './host-training.js';
import type { NoiseSpec } from './noise.js';
import type { LevelPlace } from './place.js';
import type { StepTraining } from './step-training.js';
import type { TensorProgram } from './tensor-program.js';
import type { TensorValue, TensorValues } from './tensor-value.js';

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
