/** What the exit code of `lapyra` says. */
export const EXIT = {
  ok: 0,
  /** Something went wrong; the message says what. */
  failed: 1,
  /** The command line was not understood. */
  usage: 2,
  /** A level diverged, also after its retries. */
  diverged: 42,
  /** Stopped by Ctrl-C, with a checkpoint; the same command goes on. */
  interrupted: 130,
} as const;
