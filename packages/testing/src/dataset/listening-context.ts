import type { DatasetContext } from '@lapyra/core';

/** A context for {@link Dataset}`.open` that keeps what it is told. */
export interface ListeningContext extends DatasetContext {
  /** The lines of `notice`. */
  readonly notices: string[];
  /** The events of `progress`. */
  readonly events: Parameters<DatasetContext['progress']>[0][];
}

/**
 * A context that keeps the notices and the progress of a dataset, for tests to look at.
 *
 * @param options.projectFolder default `/`
 * @param options.signal default one that is never aborted
 */
export function listeningContext(
  cacheFolder: string,
  options: Partial<Pick<DatasetContext, 'projectFolder' | 'signal'>> = {},
): ListeningContext {
  const { projectFolder = '/', signal = new AbortController().signal } = options;
  const notices: ListeningContext['notices'] = [];
  const events: ListeningContext['events'] = [];
  return {
    projectFolder,
    cacheFolder,
    signal,
    notices,
    events,
    progress: (event) => void events.push(event),
    notice: (line) => void notices.push(line),
  };
}
