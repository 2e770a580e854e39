// Runs commands of the built command line one after the other, as a parent asks by messages, and answers with what each
// printed and its exit code.
import { main } from '@lapyra/cli';

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
