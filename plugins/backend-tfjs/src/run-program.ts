import {
  checkProgramResult,
  engineError,
  type TensorPorts,
  type TensorProgram,
  type TensorValue,
  type TensorValues,
} from '@lapyra/core';
import { dispose, keep, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { toTensor, toValue } from './tensor-border.js';

export interface ProgramRun {
  /** New state tensors, kept: the caller owns them. */
  readonly state: ReadonlyMap<string, Tensor>;
  readonly outputs: TensorValues;
}

/**
 * Run a program once on tfjs's current backend. All tensors in between are disposed of, also when it fails.
 *
 * @param state tensors by name; they stay as they are
 * @param ports element types and shapes of the state
 * @throws {LapyraError} `LAPYRA_ENGINE_RESULT` if the program returns other than it declares, `LAPYRA_ENGINE_RUN` with
 * the cause if it throws anything else
 */
export function runProgram(
  subject: string,
  program: TensorProgram,
  state: ReadonlyMap<string, Tensor>,
  ports: TensorPorts,
  inputs: TensorValues,
  read: readonly string[],
): ProgramRun {
  const written = new Map<string, Tensor>();
  const outputs: Record<string, TensorValue> = {};
  try {
    tidy(() => {
      // Clones, so that a program that disposes of its arguments does no harm.
      const given = Object.fromEntries(
        program.reads.map((name) => [name, state.get(name)!.clone()]),
      );
      const fed = Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [name, toTensor(value)]),
      );
      const result = checkProgramResult(subject, program, ports, program.run(given, fed));
      // Clones again, since a program may return a tensor twice, or one that it was given.
      for (const name of program.writes) written.set(name, keep(result.state[name]!.clone()));
      for (const name of read)
        outputs[name] = toValue(result.outputs[name]!, program.outputs[name]!);
    });
  } catch (error) {
    dispose([...written.values()]);
    throw engineError('LAPYRA_ENGINE_RUN', subject, error);
  }
  return { state: written, outputs };
}
