import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A process that answers each line of JSON, a command and perhaps an argument, with one; first it says that it is ready. */
export async function startLineProcess(command, args, env = {}) {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${command} ${args.join(' ')} ended with ${child.exitCode}`);
    return JSON.parse(value);
  };
  await next();
  return {
    ask: async (...message) => {
      child.stdin.write(`${JSON.stringify(message)}\n`);
      return next();
    },
    close: async () => {
      child.stdin.end();
      await new Promise((done) => child.once('close', done));
    },
  };
}
