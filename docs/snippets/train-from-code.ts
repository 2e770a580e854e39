import { trainRun } from 'lapyra';

/** Trains the project in a folder, as `lapyra train` does; resolves when every level ended. */
export async function trainFolder(folder: string, stop: AbortSignal): Promise<boolean> {
  const { levels } = await trainRun(
    {
      folder,
      settings: ['levels.14.model.options.width=48'],
      levels: [],
      fresh: false,
      anyVersion: false,
      stop,
      kill: new AbortController().signal,
    },
    {
      notice: (line) => console.log(line),
      progress: ({ what, done, total }) => console.log(what, done, total),
      started: ({ folder: run, backend }) => console.log(run, backend),
      event: (level, event) => {
        if (event.kind === 'score') console.log(level, event.step, event.value);
      },
      ended: (level, { status }) => console.log(level, status),
    },
  );
  return levels.every(({ status }) => status === 'done');
}
