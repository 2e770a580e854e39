// Takes the lock of the folder given, prints what came of it, and holds it until its input ends.
import { LapyraError } from '@lapyra/core';
import { takeLevelLock } from '../src/level-lock.js';

const [folder = '', at = '0'] = process.argv.slice(2);
await new Promise((resolve) => setTimeout(resolve, Math.max(0, Number(at) - Date.now())));
try {
  const lock = takeLevelLock(folder);
  process.stdout.write(`taken ${lock.notice ?? ''}\n`);
} catch (error) {
  process.stdout.write(`${LapyraError.is(error) ? error.code : String(error)}\n`);
}
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
