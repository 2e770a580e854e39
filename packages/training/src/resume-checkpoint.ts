import { LapyraError, type TensorValues } from '@lapyra/core';
import { type Checkpoint, loadLastCheckpoint, setDamagedAside } from './checkpoint.js';
import type { LevelEvent } from './level-event.js';
import type { LevelLock } from './level-lock.js';

/**
 * The checkpoint to go on from; `null` if there is none yet. Damaged newer ones are set aside, once the one before them
 * is known to fit.
 *
 * @param lock the level's, held by the caller
 * @param expected what the level would begin with: the checkpoint must have the same signature and the same tensors
 * @param options.anyState the level makes its tensors itself, none are expected
 * @throws {LapyraError} `LAPYRA_CHECKPOINT_MISFIT` if it belongs to another level or another version of it,
 * `LAPYRA_CHECKPOINT_DAMAGED`, `LAPYRA_LOCK_LOST`
 */
export async function resumeCheckpoint(
  folder: string,
  expected: Checkpoint,
  lock: Pick<LevelLock, 'check'>,
  emit: (event: LevelEvent) => void,
  { anyState = false }: { readonly anyState?: boolean } = {},
): Promise<Checkpoint | null> {
  const loaded = await loadLastCheckpoint(folder);
  if (!loaded) return null;
  for (const text of loaded.notices) emit({ kind: 'notice', text });
  const { checkpoint } = loaded;
  const refuse = (what: string, got: string): never => {
    throw new LapyraError(
      'LAPYRA_CHECKPOINT_MISFIT',
      `${folder}, step ${checkpoint.step}: expected ${what}, got ${got}.`,
      {
        hint: 'The level, its transform or the data changed since the run was started. Start again with --fresh (the old run is moved aside), or put the old versions back.',
      },
    );
  };
  if (checkpoint.signature !== expected.signature)
    refuse(`a level of the signature ${expected.signature}`, checkpoint.signature);
  const wanted = describe(expected.state);
  const got = describe(checkpoint.state);
  const names = anyState ? [] : new Set([...Object.keys(wanted), ...Object.keys(got)]);
  for (const name of names)
    if (wanted[name] !== got[name])
      refuse(`tensor '${name}' ${wanted[name] ?? 'not to be there'}`, got[name] ?? 'none');
  if (loaded.damaged.length > 0) {
    lock.check();
    await setDamagedAside(folder, loaded.damaged, checkpoint);
  }
  return checkpoint;
}

function describe(state: TensorValues): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(state).map(([name, { dtype, shape }]) => [
      name,
      `${dtype} [${shape.join(', ')}]`,
    ]),
  );
}
