const PAUSE_MS = 15;

/**
 * Between steps of two sides, so that threads of the one that wait for work have gone to sleep: those of PyTorch (1.13, GNU OpenMP) keep
 * a processor busy for 9 ms after their last work.
 */
export function pause() {
  return new Promise((done) => setTimeout(done, PAUSE_MS));
}

/** Steps, or what else `command` is, of several processes in turn: milliseconds of each. @param onStep is told how many rounds are done */
export async function alternate(processes, count, onStep = () => undefined, command = ['step']) {
  const taken = processes.map(() => []);
  for (let step = 0; step < count; step += 1) {
    for (const [at, one] of processes.entries()) {
      await pause();
      taken[at].push(await one.ask(...command));
    }
    onStep(step + 1);
  }
  return taken;
}

export async function times(count, work) {
  const taken = [];
  for (let round = 0; round < count; round += 1) taken.push(await work());
  return taken;
}

/** Steps a millisecond of processes that all work at the same time, after one step each that does not count. */
export async function ratesTogether(processes, budget, command) {
  await Promise.all(processes.map((one) => one.ask(command)));
  const started = performance.now();
  return Promise.all(
    processes.map(async (one) => {
      let done = 0;
      while (performance.now() - started < budget) {
        await one.ask(command);
        done += 1;
      }
      return done / (performance.now() - started);
    }),
  );
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle - 0.5)] + sorted[Math.floor(middle)]) / 2;
}
