import { EXIT } from '../exit-codes.js';

/**
 * Let Ctrl-C end the process by an exit, so that what is to be tidied up at the end is. A command that listens itself
 * is left alone.
 */
export function exitOnInterrupt(): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (process.listenerCount(name) === 1) process.exit(EXIT.interrupted);
    });
  }
}
