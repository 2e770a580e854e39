import type { InferenceSession } from 'onnxruntime-common';

/** The processors that a process may use, as Linux lists them (`0-3`, `0,2`); null on other systems. */
export function allowedProcessors(): string | null {
  if (process.platform !== 'linux') return null;
  // Not by an import, which bundlers for browsers would look for in vain.
  const status = process.getBuiltinModule('node:fs').readFileSync('/proc/self/status', 'utf8');
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? null;
}

/**
 * Session options by which each thread but the caller's keeps to a processor of its own, if there are as many threads as
 * processors: after a pause Linux wakes two threads on one processor now and then and leaves them there for milliseconds, in which
 * the other idles. Fewer threads stay free, as of levels that train at the same time: all would keep to the same processors. (Two
 * processes that each ask for all of them do, and share each.)
 *
 * @param allowed  as `allowedProcessors` gives them; threads are pinned only where these are the first ones without a gap
 */
export function pinnedThreads(
  options: InferenceSession.SessionOptions,
  allowed: string | null,
): InferenceSession.SessionOptions {
  const { intraOpNumThreads: threads = 0, extra = {} } = options;
  if (threads < 2 || allowed !== `0-${threads - 1}`) return options;
  // Processors are counted from 1. The first is left to the caller's thread, of which the runtime has no say.
  const others = Array.from({ length: threads - 1 }, (_, at) => at + 2).join(';');
  const session = extra['session'] as Readonly<Record<string, unknown>> | undefined;
  return {
    ...options,
    extra: { ...extra, session: { ...session, intra_op_thread_affinities: others } },
  };
}
