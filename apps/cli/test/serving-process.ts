// The built command line in one process for many commands: Node, the libraries and the plugins are loaded once, which is
// most of what a short command costs.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Asked {
  readonly args: readonly string[];
  /** Folder to run in. */
  readonly cwd: string;
  /** Lapyra's cache. */
  readonly cache: string;
}

export interface Answer {
  readonly code: number;
  /** No signal ends a command alone here. */
  readonly signal: null;
  readonly stdout: string;
  readonly stderr: string;
}

let serving: ChildProcess | undefined;
let last: Promise<unknown> = Promise.resolve();

/** Run one command after those that were asked for before. The process ends with the one that asks. */
export function askServingProcess(asked: Asked): Promise<Answer> {
  const answer = last.then(() => ask(asked));
  last = answer.catch(() => undefined);
  return answer;
}

function ask(asked: Asked): Promise<Answer> {
  const child = (serving ??= start());
  return new Promise((resolve, reject) => {
    const settle = (what: () => void): void => {
      child.off('message', onMessage);
      child.off('exit', onExit);
      child.unref();
      child.channel?.unref();
      what();
    };
    const onMessage = (answer: Answer): void => settle(() => resolve(answer));
    const onExit = (code: number | null, signal: string | null): void => {
      serving = undefined;
      const end = `its process ended (${signal ?? code})`;
      settle(() => reject(new Error(`lapyra ${asked.args.join(' ')}: ${end}`)));
    };
    child.ref();
    child.channel?.ref();
    child.on('message', onMessage);
    child.on('exit', onExit);
    child.send(asked);
  });
}

function start(): ChildProcess {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1' };
  delete env['FORCE_COLOR'];
  return fork(fileURLToPath(new URL('serve-commands.mjs', import.meta.url)), [], {
    env,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}
