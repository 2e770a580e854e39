// Saves a large checkpoint into the folder given, in a process that may not write large files (ulimit -f).
import { LapyraError } from '@lapyra/core';
import { saveCheckpoint } from '../src/checkpoint.js';
import { FIRST_ATTEMPT } from '../src/retry-state.js';

process.on('SIGXFSZ', () => undefined); // else the limit ends the process instead of failing the write
const [folder = ''] = process.argv.slice(2);
try {
  await saveCheckpoint(folder, {
    step: 20,
    retry: FIRST_ATTEMPT,
    scores: [],
    signature: 's',
    versions: {},
    state: { w: { dtype: 'float32', shape: [500_000], data: new Float32Array(500_000) } },
  });
  process.stdout.write('saved\n');
} catch (error) {
  process.stdout.write(
    `${LapyraError.is(error) ? `${error.code} ${error.message}` : String(error)}\n`,
  );
}
