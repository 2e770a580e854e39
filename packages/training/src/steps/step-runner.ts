import {
  type CompiledProgram,
  type EngineState,
  type Level,
  sizeName,
  type StepTraining,
  type TensorTransform,
} from '@lapyra/core';
import { programsOfStep } from '../check-training.js';
import type { CoarseMixing } from '../coarse-mixing.js';
import { composeStep } from '../compose-step.js';
import type { LevelJob } from '../level-job.js';
import { createStepInputs } from '../step-inputs.js';
import type { StepImages } from './step-images.js';

export interface StepRunnerOptions {
  readonly level: Level;
  readonly training: StepTraining;
  readonly transform: TensorTransform;
  readonly store: StepImages;
  readonly job: Pick<LevelJob, 'index' | 'sizes' | 'flip' | 'seed' | 'steps'>;
  /** Holds the training state and the whitening. */
  readonly state: EngineState;
  /** What is mixed into draws that may be of generated coarse images. Default: nothing. */
  readonly mixing?: CoarseMixing;
}

/** What one step recorded. */
export interface StepLosses {
  /** The outputs of its programs by name; `null` for one that is not finite. */
  readonly recorded: Readonly<Record<string, number | null>>;
  /** Whether a program left its state as it was, since something was not finite. */
  readonly refused: boolean;
}

export interface StepRunner {
  /**
   * @param done steps done before this one
   * @param rateFactor factor on learning rates
   */
  run(done: number, rateFactor: number): Promise<StepLosses>;
}

/** Compile a level's step programs against a state, and run them step by step. */
export async function createStepRunner(options: StepRunnerOptions): Promise<StepRunner> {
  const { level, training, transform, store, job, state, mixing } = options;
  const mix = mixing ? { mixing } : {};
  const inputs = createStepInputs({ level, training, store, job, ...mix });
  const { sizes, index } = job;
  const composed = training.programs.map((program) =>
    composeStep(program, training, { level, transform, sizes, index, ...mix }),
  );
  const compiled = new Map<string, CompiledProgram>();
  for (const [i, program] of composed.entries())
    compiled.set(training.programs[i]?.name ?? '', await state.compile(program));
  const subject = `level ${sizeName(level.place.size)}`;
  return {
    run: async (done, rateFactor) => {
      const clock = { step: done, steps: job.steps, images: store.count.train };
      const occurrences = new Map<string, number>();
      const recorded: Record<string, number | null> = {};
      let refused = false;
      for (const program of programsOfStep(training, clock, subject)) {
        const occurrence = occurrences.get(program.name) ?? 0;
        occurrences.set(program.name, occurrence + 1);
        const given = inputs.of(program, done, occurrence, rateFactor);
        const outputs = await compiled.get(program.name)?.run(given);
        for (const [key, value] of Object.entries(outputs ?? {})) {
          const number = value.data[0] as number;
          if (key === 'finite') refused ||= number !== 1;
          else
            recorded[lossName(training, program.name, key)] = Number.isFinite(number)
              ? number
              : null;
        }
      }
      return { recorded, refused };
    },
  };
}

/** An output that several programs have is told apart by the program's name. */
function lossName({ programs }: StepTraining, program: string, output: string): string {
  const shared = programs.filter(({ outputs }) => outputs.includes(output)).length > 1;
  return shared ? `${program}.${output}` : output;
}
