/** How a process is started that trains a level. */
export interface LevelProcess {
  /** Node's own options. */
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Start a level's process so that memory goes round fast: a step makes a whole new state, megabytes in few arrays, and gives the
 * old one back. glibc would return such arrays to the system each time and get them anew, page by page, which takes longer than
 * to copy them. Node 20 has the method that gives an array's memory back at once, but hides it.
 *
 * The environment's own settings count more.
 */
export function levelProcess(): LevelProcess {
  return {
    execArgv: 'transfer' in ArrayBuffer.prototype ? [] : ['--harmony-rab-gsab-transfer'],
    env: {
      MALLOC_MMAP_THRESHOLD_: String(32 * 2 ** 20),
      MALLOC_TRIM_THRESHOLD_: String(512 * 2 ** 20),
    },
  };
}
