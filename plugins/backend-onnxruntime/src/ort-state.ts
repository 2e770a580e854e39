import {
  checkInputs,
  checkProgram,
  checkStatePart,
  chosenNames,
  type CompiledProgram,
  disposedError,
  engineError,
  type EngineState,
  inputPorts,
  statePorts,
  type TensorPorts,
  type TensorProgram,
  type TensorValue,
  type TensorValues,
} from '@lapyra/core';
import { compile, type CompiledFunction } from '@lapyra/tfjs-onnx';
import { registerGradients } from '@lapyra/tfjs-onnx/gradients';
import type { Tensor } from 'onnxruntime-common';
import type { OrtLibrary } from './ort-library.js';
import { copyIn, copyOut, valueOf, wrap } from './ort-tensor.js';
import { graphName, programFunction } from './program-function.js';
import { RunQueue } from './run-queue.js';

/**
 * A state held as tensors of ONNX Runtime. A run is fed with them, and what it returns takes their place without a copy;
 * a run that fails replaces nothing. Runs, reads and writes are done in the order in which they were asked for.
 */
export class OrtState implements EngineState {
  readonly #id: string;
  readonly #library: OrtLibrary;
  readonly #ports: TensorPorts;
  readonly #tensors: Map<string, Tensor>;
  readonly #programs = new Set<CompiledProgram>();
  readonly #queue = new RunQueue();
  readonly #onDispose: (state: OrtState) => void;
  #disposed = false;

  /** @throws {LapyraError} `LAPYRA_ENGINE_STATE` for a value whose array does not fit its type and shape */
  constructor(
    id: string,
    library: OrtLibrary,
    values: TensorValues,
    onDispose: (state: OrtState) => void,
  ) {
    this.#ports = statePorts(id, values);
    this.#id = id;
    this.#library = library;
    this.#tensors = new Map(copiesIn(library, values));
    this.#onDispose = onDispose;
  }

  async compile(program: TensorProgram, batch?: number): Promise<CompiledProgram> {
    const subject = `${this.#id}, program '${program.name}'`;
    this.#assertInUse(subject);
    checkProgram(subject, program, this.#ports);
    const inputs = inputPorts(subject, program.inputs, batch);
    const { ort, sessionOptions } = this.#library;
    const border = programFunction(subject, program, this.#ports, inputs);
    try {
      registerGradients();
      const compiled = await compile(border.fn, {
        name: program.name,
        inputs: { ...border.state, ...border.inputs },
        outputTypes: border.outputTypes,
        // State and results are on the host anyhow: a refused step then costs no copy of the state.
        deferSelects: true,
        ort,
        sessionOptions,
      });
      const result = this.#program(subject, program, inputs, compiled);
      this.#programs.add(result);
      // The state may have been disposed of in the meantime, without this program.
      if (this.#disposed) await result.dispose();
      this.#assertInUse(subject);
      return result;
    } catch (error) {
      throw engineError('LAPYRA_ENGINE_COMPILE', subject, error);
    }
  }

  async read(names?: readonly string[]): Promise<TensorValues> {
    const wanted = chosenNames(this.#id, 'state tensor', Object.keys(this.#ports), names);
    return this.#queue.add(async () => {
      this.#assertInUse(this.#id);
      return Object.fromEntries(wanted.map((name) => [name, copyOut(this.#tensors.get(name)!)]));
    });
  }

  async write(part: TensorValues): Promise<void> {
    checkStatePart(this.#id, this.#ports, part);
    const copies = copiesIn(this.#library, part);
    await this.#queue.add(async () => {
      this.#assertInUse(this.#id);
      for (const [name, tensor] of copies) this.#tensors.set(name, tensor);
    });
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#onDispose(this);
    await Promise.all([...this.#programs].map((program) => program.dispose()));
    this.#tensors.clear();
  }

  #program(
    subject: string,
    program: TensorProgram,
    inputs: TensorPorts,
    compiled: CompiledFunction,
  ): CompiledProgram {
    const outputs = Object.keys(program.outputs);
    let disposed = false;
    const result: CompiledProgram = {
      run: async (given, options) => {
        checkInputs(subject, inputs, given);
        const read = chosenNames(subject, 'output', outputs, options?.read);
        return this.#queue.add(async () => {
          if (disposed && !this.#disposed) throw disposedError(subject, 'a program');
          this.#assertInUse(subject);
          return this.#run(subject, program, compiled, given, read);
        });
      },
      dispose: async () => {
        disposed = true;
        this.#programs.delete(result);
        // A run that has begun ends first.
        await this.#queue.idle();
        await compiled.dispose();
      },
    };
    return result;
  }

  async #run(
    subject: string,
    { reads, writes }: TensorProgram,
    compiled: CompiledFunction,
    given: TensorValues,
    read: readonly string[],
  ): Promise<TensorValues> {
    const feeds: Record<string, Tensor> = {};
    for (const name of reads) feeds[graphName.state(name)] = this.#tensors.get(name)!;
    for (const [name, value] of Object.entries(given))
      feeds[graphName.input(name)] = wrap(this.#library.ort, value);
    const fetches = [...writes.map(graphName.newState), ...read.map(graphName.output)];
    let results: Record<string, Tensor>;
    try {
      results = await compiled.run(feeds, fetches);
    } catch (error) {
      throw engineError('LAPYRA_ENGINE_RUN', subject, error);
    }
    // What was fed may come back as it is, and two names of one tensor as one object: the state keeps arrays of its own,
    // and the host must not get a hand on them.
    const ofHost = new Set(Object.keys(given).map((name) => feeds[graphName.input(name)]!));
    const taken = new Set(Object.values(feeds));
    for (const name of writes) {
      const result = results[graphName.newState(name)]!;
      const tensor = ofHost.has(result) ? copyIn(this.#library.ort, valueOf(result)) : result;
      taken.add(tensor);
      this.#tensors.set(name, tensor);
    }
    const values: Record<string, TensorValue> = {};
    for (const name of read) {
      const tensor = results[graphName.output(name)]!;
      values[name] = taken.has(tensor) ? copyOut(tensor) : valueOf(tensor);
      taken.add(tensor);
    }
    return values;
  }

  #assertInUse(subject: string): void {
    if (this.#disposed) throw disposedError(subject, 'a state');
  }
}

function copiesIn({ ort }: OrtLibrary, values: TensorValues): [string, Tensor][] {
  return Object.entries(values).map(([name, value]) => [name, copyIn(ort, value)]);
}
