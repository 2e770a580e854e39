import type { InferenceSession } from 'onnxruntime-common';

/** What is known of the machine; in Node `process.platform`, and `availableParallelism` and `cpus` of `node:os`. */
export interface Machine {
  readonly platform: string;
  /** Processors that this process may use. */
  readonly available: number;
  /** Processors that there are. */
  readonly processors: number;
}

/**
 * Session options by which each thread but the caller's keeps to a processor of its own, if there are as many threads as
 * processors: after a pause Linux wakes two threads on one processor now and then and leaves them there for milliseconds, in which
 * the other idles. Fewer threads stay free, since those of several processes would all keep to the same ones.
 */
export function pinnedThreads(
  options: InferenceSession.SessionOptions,
  { platform, available, processors }: Machine,
): InferenceSession.SessionOptions {
  const { intraOpNumThreads: threads = 0, extra = {} } = options;
  if (platform !== 'linux' || threads < 2) return options;
  if (threads !== processors || available !== processors) return options;
  // Processors are counted from 1. The first is left to the caller's thread, of which the runtime has no say.
  const others = Array.from({ length: threads - 1 }, (_, at) => at + 2).join(';');
  const session = extra['session'] as Readonly<Record<string, unknown>> | undefined;
  return {
    ...options,
    extra: { ...extra, session: { ...session, intra_op_thread_affinities: others } },
  };
}
