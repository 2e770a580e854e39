import { decodeCifar10, openTraining } from './levels.mjs';

/**
 * Train a level of the pyramid for some steps.
 *
 * @param looks steps after which is told what is held
 * @returns what each step recorded, the training state after the first and the last, and what was held
 */
export async function train(engine, { level, steps, file, looks = [], look }) {
  const training = await openTraining(engine, level, decodeCifar10(file), steps);
  const recorded = [];
  const held = [];
  let first;
  for (let step = 1; step <= steps; step++) {
    const { recorded: losses, refused } = await training.step();
    recorded.push({ ...losses, refused });
    if (step === 1) first = await training.read();
    if (looks.includes(step)) held.push({ step, ...(await look()) });
  }
  const last = await training.read();
  await training.dispose();
  return { recorded, first, last, held };
}

/** The training state of a level after some steps, of several trainings at the same time. */
async function trainTogether(engine, { level, steps, file, trainings }) {
  const pixels = decodeCifar10(file);
  return Promise.all(
    Array.from({ length: trainings }, async () => {
      const training = await openTraining(engine, level, pixels, steps);
      for (let step = 0; step < steps; step++) await training.step();
      const state = await training.read();
      await training.dispose();
      return state;
    }),
  );
}

/** {@link train}, and then {@link trainTogether} on the same engine, which has prepared its shaders by then. */
export async function trainThenTogether(engine, { together, ...options }) {
  const alone = await train(engine, options);
  return { alone, states: await trainTogether(engine, { ...options, ...together }) };
}

/** Milliseconds of each step of a training, after the first. */
export async function timeSteps(engine, { level, steps, file }) {
  const training = await openTraining(engine, level, decodeCifar10(file), steps);
  const times = [];
  for (let step = 0; step <= steps; step++) {
    const began = performance.now();
    await training.step();
    if (step > 0) times.push(performance.now() - began);
  }
  await training.dispose();
  return times;
}
