import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { LapyraError } from '@lapyra/core';
import { type Checkpoint, loadBestCheckpoint, saveCheckpoint } from './checkpoint.js';
import { onDisk, writeDurably } from './durable-file.js';
import type { LevelPaths } from './run-folder.js';

/**
 * Put a level's best checkpoint, and what its scores are compared with, into the folder of a level in another run: written
 * durably and read back. Nothing points to the old folder afterwards. Only for the holder of the new run's lock.
 *
 * @param checkpoint as it was read from the old folder
 * @throws {LapyraError} `LAPYRA_CHECKPOINT_WRITE`, `LAPYRA_FILE_WRITE`; `LAPYRA_CHECKPOINT_DAMAGED` if what was written is
 * not what is read
 */
export async function takeOverLevel(
  checkpoint: Checkpoint,
  from: LevelPaths,
  to: LevelPaths,
): Promise<void> {
  await onDisk(to.folder, () => mkdir(to.folder, { recursive: true }));
  if (existsSync(from.baselines)) {
    const text = await readFile(from.baselines);
    await writeDurably(to.baselines, [text]);
  }
  await saveCheckpoint(to.checkpoints, checkpoint);
  const written = await loadBestCheckpoint(to.checkpoints);
  if (written?.checkpoint.step === checkpoint.step && written.damaged.length === 0) return;
  throw new LapyraError(
    'LAPYRA_CHECKPOINT_DAMAGED',
    `${to.checkpoints}: expected the checkpoint of step ${checkpoint.step} just written, got ${written ? `step ${written.checkpoint.step}` : 'none'}.`,
    { hint: 'The disk does not keep what is written to it.' },
  );
}
