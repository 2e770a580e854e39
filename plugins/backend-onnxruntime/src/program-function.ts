// A tensor program as the compiler takes it: one function of named tensors, with state and inputs side by side.
import type { TensorProgram, Tensors } from '@lapyra/core';
import type { BorderDType, InputSpecs, TensorFunction } from '@lapyra/tfjs-onnx';
import type { Ports } from './program-border.js';
import { checkResult } from './program-result.js';

export interface ProgramFunction {
  readonly fn: TensorFunction;
  readonly inputs: InputSpecs;
  readonly outputTypes: Readonly<Record<string, BorderDType>>;
}

/** Names of graph inputs and outputs: state and inputs of one name do not collide. */
export const graphName = {
  state: (name: string): string => `state/${name}`,
  newState: (name: string): string => `new/${name}`,
  input: (name: string): string => `input/${name}`,
  output: (name: string): string => `output/${name}`,
} as const;

/** @param state ports of the whole state, of which the program reads and writes a part */
export function programFunction(
  subject: string,
  program: TensorProgram,
  state: Ports,
  inputs: Ports,
): ProgramFunction {
  const { reads, writes, outputs } = program;
  const named = <Value>(
    names: readonly string[],
    rename: (name: string) => string,
    value: (name: string) => Value,
  ): [string, Value][] => names.map((name) => [rename(name), value(name)]);
  return {
    fn: (tensors) => {
      const pick = (names: readonly string[], rename: (name: string) => string): Tensors =>
        Object.fromEntries(names.map((name) => [name, tensors[rename(name)]!]));
      const result = checkResult(
        subject,
        program,
        state,
        program.run(pick(reads, graphName.state), pick(Object.keys(inputs), graphName.input)),
      );
      return Object.fromEntries([
        ...named(writes, graphName.newState, (name) => result.state[name]!),
        ...named(Object.keys(outputs), graphName.output, (name) => result.outputs[name]!),
      ]);
    },
    inputs: Object.fromEntries([
      ...named(reads, graphName.state, (name) => state[name]!),
      ...named(Object.keys(inputs), graphName.input, (name) => inputs[name]!),
    ]),
    outputTypes: Object.fromEntries([
      ...named(writes, graphName.newState, (name) => state[name]!.dtype),
      ...named(Object.keys(outputs), graphName.output, (name) => outputs[name]!),
    ]),
  };
}
