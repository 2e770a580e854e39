import { decodeCifar10, openTraining } from './levels.mjs';

/**
 * Train a level of the pyramid for some steps.
 *
 * @returns what each step recorded, and the training state after the first and the last
 */
export async function train(engine, { index, steps, file }) {
  const training = await openTraining(engine, index, decodeCifar10(file), steps);
  const recorded = [];
  let first;
  for (let step = 0; step < steps; step++) {
    const { recorded: losses, refused } = await training.step();
    recorded.push({ ...losses, refused });
    if (step === 0) first = await training.read();
  }
  const last = await training.read();
  await training.dispose();
  return { recorded, first, last };
}
