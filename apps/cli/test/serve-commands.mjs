// Runs commands of the built command line one after the other, as a parent asks by messages, and answers with what each
// printed and its exit code.
import { createRequire } from 'node:module';
import { main } from '@lapyra/cli';

// esbuild, which reads configs in TypeScript, starts its service in the folder that it was loaded in for as long as the process
// lives: that must not be the first project's, which is gone when the next one asks.
createRequire(new URL('../../../packages/runtime/package.json', import.meta.url))('esbuild');

let printed = { stdout: '', stderr: '' };
for (const name of ['stdout', 'stderr']) {
  process[name].write = (chunk, encoding, done) => {
    printed[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    const told = typeof encoding === 'function' ? encoding : done;
    if (told) process.nextTick(told);
    return true;
  };
}

async function serve({ args, cwd, cache }) {
  printed = { stdout: '', stderr: '' };
  process.chdir(cwd);
  process.env.LAPYRA_CACHE = cache;
  const code = await main(args);
  process.send({ code, signal: null, ...printed });
}
process.on('message', (asked) => void serve(asked));
