import { LapyraError, type Level, sizeName, type TensorValues } from '@lapyra/core';
import {
  type Checkpoint,
  loadBestCheckpoint,
  type LoadedCheckpoint,
  type RunPaths,
} from '@lapyra/training';

/** A level's best checkpoint, by the names that its sampler reads. */
export interface TrainedState {
  readonly step: number;
  readonly state: TensorValues;
  readonly notices: readonly string[];
}

/**
 * The state with which a level draws.
 *
 * @throws {LapyraError} `LAPYRA_RUN_UNTRAINED` if the level has no checkpoint yet, `LAPYRA_CHECKPOINT_DAMAGED`
 */
export async function trainedState(paths: RunPaths, level: Level): Promise<TrainedState> {
  if (level.training === null) return { step: 0, state: {}, notices: [] };
  const { checkpoint, notices } = await bestCheckpoint(paths, level);
  return { step: checkpoint.step, state: samplerState(level, checkpoint), notices };
}

/**
 * A level's best checkpoint, with all of its training state.
 *
 * @throws {LapyraError} `LAPYRA_RUN_UNTRAINED` if the level has no checkpoint yet, `LAPYRA_CHECKPOINT_DAMAGED`
 */
export async function bestCheckpoint(paths: RunPaths, level: Level): Promise<LoadedCheckpoint> {
  const name = sizeName(level.place.size);
  const loaded = await loadBestCheckpoint(paths.level(name).checkpoints);
  if (!loaded) {
    throw new LapyraError(
      'LAPYRA_RUN_UNTRAINED',
      `level ${name}: expected a checkpoint, got none.`,
      {
        hint: `Train it with: lapyra train --level ${name}`,
      },
    );
  }
  return loaded;
}

function samplerState(level: Level, { state }: Checkpoint): TensorValues {
  if (level.training?.kind !== 'steps') return state;
  return Object.fromEntries(
    Object.entries(level.training.samplerState).flatMap(([name, from]) => {
      const value = state[from];
      return value ? [[name, value]] : [];
    }),
  );
}
