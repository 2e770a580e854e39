/** Ctrl-C: the first asks for a stop at the next step, the second stops at once. */
export interface Interrupt {
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
  /** Give Ctrl-C back. */
  release(): void;
}

/** @param say shows a line to the user */
export function stopOnInterrupt(say: (line: string) => void): Interrupt {
  const stop = new AbortController();
  const kill = new AbortController();
  const listen = (): void => {
    if (!stop.signal.aborted) {
      say('stopping at the next step, with a checkpoint; press Ctrl-C again to stop at once');
      stop.abort();
    } else {
      kill.abort();
    }
  };
  process.on('SIGINT', listen);
  process.on('SIGTERM', listen);
  return {
    stop: stop.signal,
    kill: kill.signal,
    release: () => {
      process.off('SIGINT', listen);
      process.off('SIGTERM', listen);
    },
  };
}

/** Whether `error` is only how the work ended that `signal` told to stop; anything else that went wrong is no stop. */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}
