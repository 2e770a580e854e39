// A parent process that trains one level in a child, prints the child's process number, and what became of it.
import { pathToFileURL } from 'node:url';
import { createLocalExecutor } from '@lapyra/training';

const [child = '', payload = '{}'] = process.argv.slice(2);
const executor = createLocalExecutor({
  childUrl: pathToFileURL(child),
  onEvent: (_, event) => {
    if (event.kind === 'started') process.stdout.write(`${event.pid}\n`);
  },
});
let told = 0;
process.on('SIGINT', () => (++told === 1 ? executor.stop() : executor.kill()));
const [report] = await executor.run([{ level: 'a', cost: 1, payload: JSON.parse(payload) }]);
process.stdout.write(`${JSON.stringify(report)}\n`);
