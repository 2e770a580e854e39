// Runs programs away from the page, whose own thread stays free.
import { run } from './run.mjs';

globalThis.addEventListener('message', ({ data }) => {
  run(data).then(
    (result) => globalThis.postMessage({ result }),
    (error) => globalThis.postMessage({ error: `${error.stack}\n${error.hint ?? ''}` }),
  );
});
