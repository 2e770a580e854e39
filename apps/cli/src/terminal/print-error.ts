import { LapyraError } from '@lapyra/core';
import pc from 'picocolors';

/** Print what went wrong and what to do next on stderr; the stack only if asked for. */
export function printError(error: unknown, stack = false): void {
  if (!LapyraError.is(error)) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${pc.red('error')} ${text}\n`);
    return;
  }
  process.stderr.write(`${pc.red('error')} ${error.message} ${pc.dim(`(${error.code})`)}\n`);
  if (error.hint) process.stderr.write(`${pc.cyan('hint')}  ${error.hint}\n`);
  if (stack) process.stderr.write(`${pc.dim(error.stack ?? '')}\n`);
}
