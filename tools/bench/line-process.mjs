import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process that answers each line with a number; its first line says how long it took to get ready. */
export async function startLineProcess(command, args, env = {}) {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command} ${args.join(' ')} ended with ${child.exitCode}`);
    return Number(value);
  };
  const ready = await next();
  return {
    ready,
    ask: async (line) => {
      child.stdin.write(`${line}\n`);
      return next();
    },
    close: async () => {
      child.stdin.end();
      await new Promise((done) => child.once('close', done));
    },
  };
}
