import { LapyraError } from '@lapyra/core';
import pc from 'picocolors';

/** Print what went wrong and what to do next on stderr; the stack only if asked for. */
export function printError(error: unknown, stack = false): void {
  const known = LapyraError.is(error);
  const message = error instanceof Error ? error.message || error.name : String(error);
  const hint = known
    ? error.hint
    : `This is a fault of Lapyra${stack ? '' : '; run again with --stack'}.`;
  const code = known ? ` ${pc.dim(`(${error.code})`)}` : '';
  process.stderr.write(`${pc.red('error')} ${message}${code}\n`);
  if (hint) process.stderr.write(`${pc.cyan('hint')}  ${hint}\n`);
  if (stack && error instanceof Error && error.stack)
    process.stderr.write(`${pc.dim(error.stack)}\n`);
}
