import {
  checkProgram,
  engineError,
  type ExportOptions,
  LapyraError,
  quoteNames,
  statePorts,
  type TensorProgram,
  type TensorValues,
} from '@lapyra/core';
import { toOnnx } from '@lapyra/tfjs-onnx';
import { registerGradients } from '@lapyra/tfjs-onnx/gradients';
import { type GraphNames, programFunction } from './program-function.js';

/**
 * One ONNX file of a program, with the state that it reads inside, for any batch. Inputs and outputs keep their names.
 *
 * @throws {LapyraError} `LAPYRA_ENGINE_EXPORT` for a program that writes state or has an output
 * with the name of an input, `LAPYRA_ENGINE_STATE` if the state lacks
 * what it reads, `LAPYRA_ENGINE_COMPILE` for operations that cannot be written or that depend on the batch
 */
export function exportProgram(
  subject: string,
  program: TensorProgram,
  values: TensorValues,
  { metadata, wideInputs = [] }: ExportOptions = {},
): Uint8Array {
  if (program.writes.length > 0) {
    throw new LapyraError(
      'LAPYRA_ENGINE_EXPORT',
      `${subject}: expected a program that writes no state, got one that writes ${quoteNames(program.writes)}.`,
      { hint: 'A file holds the state for good. Export the sampler, not a training step.' },
    );
  }
  const clash = Object.keys(program.outputs).find((name) => Object.hasOwn(program.inputs, name));
  if (clash !== undefined) {
    throw new LapyraError(
      'LAPYRA_ENGINE_EXPORT',
      `${subject}: expected outputs with names of their own, got '${clash}' for an input too.`,
      { hint: 'Inputs and outputs of an ONNX file share one space of names.' },
    );
  }
  const ports = statePorts(subject, values);
  checkProgram(subject, program, ports);
  const names = fileNames(program);
  const { fn, inputs, outputTypes } = programFunction(
    subject,
    program,
    ports,
    program.inputs,
    names,
  );
  try {
    registerGradients();
    const { bytes } = toOnnx(fn, {
      name: program.name,
      inputs,
      outputTypes,
      wideInputs,
      constants: Object.fromEntries(
        program.reads.map((name) => [names.state(name), values[name]!]),
      ),
      ...(metadata ? { metadata } : {}),
    });
    return bytes;
  } catch (error) {
    throw engineError('LAPYRA_ENGINE_COMPILE', subject, error);
  }
}

/** All values of a file share one space of names: a state tensor gives way to an input or output of its name. */
function fileNames({ inputs, outputs }: TensorProgram): GraphNames {
  const taken = new Set([...Object.keys(inputs), ...Object.keys(outputs)]);
  return {
    state: (name) => (taken.has(name) ? `state/${name}` : name),
    newState: (name) => name,
    input: (name) => name,
    output: (name) => name,
  };
}
