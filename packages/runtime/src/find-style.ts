import {
  type Engine,
  LapyraError,
  type Level,
  plainViews,
  type TensorValues,
  whiten,
} from '@lapyra/core';
import { runPaths } from '@lapyra/training';
import type { TrainedRun } from './open-trained-run.js';
import { bestCheckpoint } from './stored/trained-state.js';

/**
 * The noise from which the first level would draw a picture: its style, whatever is on it.
 *
 * @param file a picture; it is cut and resized to the pyramid's size
 * @returns noise by name, [1, …]
 * @throws {LapyraError} `LAPYRA_SAMPLE_OPTIONS` if the first level has not learnt to tell; `LAPYRA_RUN_UNTRAINED`,
 * `LAPYRA_IMAGE_*`
 */
export async function findStyle(run: TrainedRun, file: string): Promise<TensorValues> {
  const [level] = run.levels;
  const program = level && styleOf(level);
  if (!level || !program)
    throw new LapyraError(
      'LAPYRA_SAMPLE_OPTIONS',
      `style: expected a first level with a style encoder, got one without.`,
      { hint: 'Train one, with textFirst({ style: {} }) as first level.' },
    );
  const { state } = (await bestCheckpoint(runPaths(run.folder), level)).checkpoint;
  const own = Object.fromEntries(program.reads.map((tensor) => [tensor, state[tensor]!]));
  return runOnce(run.engine, program, own, { image: await firstImage(run, file) });
}

function styleOf({ training }: Level): Parameters<typeof runOnce>[1] | null {
  return (training?.kind === 'steps' ? training.style : null) ?? null;
}

/** The picture as the first level sees it: [1, H, W, C], normalised. */
async function firstImage(
  { levels, whitening, transform }: TrainedRun,
  file: string,
): Promise<TensorValues[string]> {
  const { decodeImage } = await import('@lapyra/images');
  const sizes = levels.map(({ place }) => place.size);
  const channels = levels[0]!.place.channels as 1 | 3 | 4;
  const size = sizes.at(-1)!;
  const { pixels } = await decodeImage(file, { channels, resize: { size, fit: 'cover' } });
  const whole = whiten(pixels, [1, ...size, channels], whitening);
  const { image } = plainViews(transform.plain, whole, sizes, 0);
  return { dtype: 'float32', shape: image.shape, data: image.data };
}

async function runOnce(
  engine: Engine,
  program: NonNullable<Extract<Level['training'], { kind: 'steps' }>['style']>,
  state: TensorValues,
  inputs: TensorValues,
): Promise<TensorValues> {
  const opened = await engine.open(state);
  try {
    const compiled = await opened.compile(program, 1);
    return await compiled.run(inputs);
  } finally {
    await opened.dispose();
  }
}
