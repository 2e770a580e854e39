// A tensor program as the compiler takes it: one function of named tensors, with state and inputs side by side.
import {
  checkProgramResult,
  type InputSpec,
  type TensorPorts,
  type TensorProgram,
  type Tensors,
} from '@lapyra/core';
import type { BorderDType, InputSpecs, TensorFunction } from '@lapyra/tfjs-onnx';

export interface ProgramFunction {
  readonly fn: TensorFunction;
  readonly inputs: InputSpecs;
  /** The state that the program reads, among the function's inputs. */
  readonly state: InputSpecs;
  readonly outputTypes: Readonly<Record<string, BorderDType>>;
}

/** How tensors of a program are called in the graph. */
export interface GraphNames {
  state(name: string): string;
  newState(name: string): string;
  input(name: string): string;
  output(name: string): string;
}

/** State and inputs of one name do not collide. */
export const graphName: GraphNames = {
  state: (name) => `state/${name}`,
  newState: (name) => `new/${name}`,
  input: (name) => `input/${name}`,
  output: (name) => `output/${name}`,
};

/**
 * @param state ports of the whole state, of which the program reads and writes a part
 * @param inputs of the program, as far as they are fixed
 */
export function programFunction(
  subject: string,
  program: TensorProgram,
  state: TensorPorts,
  inputs: Readonly<Record<string, InputSpec>>,
  names: GraphNames = graphName,
): ProgramFunction {
  const { reads, writes } = program;
  const given = Object.keys(inputs);
  const outputs = Object.keys(program.outputs);
  return {
    fn: (tensors) => {
      const pick = (picked: readonly string[], rename: (name: string) => string): Tensors =>
        Object.fromEntries(picked.map((name) => [name, tensors[rename(name)]!]));
      const result = checkProgramResult(
        subject,
        program,
        state,
        program.run(pick(reads, names.state), pick(given, names.input)),
      );
      return {
        ...renamed(writes, names.newState, (name) => result.state[name]!),
        ...renamed(outputs, names.output, (name) => result.outputs[name]!),
      };
    },
    inputs: renamed(given, names.input, (name) => inputs[name]!),
    state: renamed(reads, names.state, (name) => state[name]!),
    outputTypes: {
      ...renamed(writes, names.newState, (name) => state[name]!.dtype),
      ...renamed(outputs, names.output, (name) => program.outputs[name]!),
    },
  };
}

function renamed<Value>(
  names: readonly string[],
  rename: (name: string) => string,
  value: (name: string) => Value,
): Record<string, Value> {
  return Object.fromEntries(names.map((name) => [rename(name), value(name)]));
}
