import { LapyraError, type TensorValues } from '@lapyra/core';
import { type Checkpoint, loadLastCheckpoint } from './checkpoint.js';
import type { LevelEvent } from './level-event.js';

/**
 * The checkpoint to go on from; `null` if there is none yet.
 *
 * @param expected what the level would begin with: the checkpoint must have the same signature and the same tensors
 * @param options.anyState the level makes its tensors itself, none are expected
 * @throws {LapyraError} `LAPYRA_CHECKPOINT_MISFIT` if it belongs to another level or another version of it,
 * `LAPYRA_CHECKPOINT_DAMAGED`
 */
export async function resumeCheckpoint(
  folder: string,
  expected: Checkpoint,
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
  if (anyState) return checkpoint;
  const wanted = describe(expected.state);
  const got = describe(checkpoint.state);
  for (const name of new Set([...Object.keys(wanted), ...Object.keys(got)]))
    if (wanted[name] !== got[name])
      refuse(`tensor '${name}' ${wanted[name] ?? 'not to be there'}`, got[name] ?? 'none');
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
