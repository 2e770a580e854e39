import {
  checkInputs,
  checkProgram,
  checkStatePart,
  chosenNames,
  type CompiledProgram,
  disposedError,
  type EngineState,
  inputPorts,
  LapyraError,
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
import { libraryError } from './library-error.js';
import { RunQueue } from './run-queue.js';
import type { StateMemory } from './state-memory.js';

export interface StateParts {
  /** Of the values that the memory holds. */
  readonly ports: TensorPorts;
  readonly memory: StateMemory;
  /** The values if they stay: then programs have them inside. */
  readonly fixed: TensorValues | null;
}

/**
 * A state held as tensors of ONNX Runtime. A run is fed with them, and what it wrote takes their place; a run that fails
 * replaces nothing. Runs, reads and writes are done in the order in which they were asked for.
 */
export class OrtState implements EngineState {
  readonly #id: string;
  readonly #library: OrtLibrary;
  readonly #ports: TensorPorts;
  readonly #memory: StateMemory;
  readonly #fixed: TensorValues | null;
  readonly #programs = new Set<CompiledProgram>();
  readonly #queue = new RunQueue();
  readonly #onDispose: (state: OrtState) => void;
  #ended: Promise<void> | undefined;
  #disposed = false;

  constructor(
    id: string,
    library: OrtLibrary,
    { ports, memory, fixed }: StateParts,
    onDispose: (state: OrtState) => void,
  ) {
    this.#id = id;
    this.#library = library;
    this.#ports = ports;
    this.#memory = memory;
    this.#fixed = fixed;
    this.#onDispose = onDispose;
  }

  async compile(program: TensorProgram, batch?: number): Promise<CompiledProgram> {
    const subject = `${this.#id}, program '${program.name}'`;
    this.#assertInUse(subject);
    checkProgram(subject, program, this.#ports);
    const inputs = inputPorts(subject, program.inputs, batch);
    const { ort, sessionOptions } = this.#library;
    const fixed = this.#fixed;
    if (fixed && program.writes.length > 0) throw isFixed(subject, 'a program that writes it');
    const border = programFunction(subject, program, this.#ports, inputs);
    const constants = Object.fromEntries(
      (fixed ? program.reads : []).map((name) => [graphName.state(name), fixed![name]!]),
    );
    try {
      registerGradients();
      const compiled = await compile(border.fn, {
        name: program.name,
        inputs: { ...(fixed ? {} : border.state), ...border.inputs },
        constants,
        outputTypes: border.outputTypes,
        // Where state and results are on the host anyhow, a refused step then costs no copy of the state.
        deferSelects: !this.#memory.writesInPlace,
        ort,
        sessionOptions,
      });
      const result = this.#program(subject, program, inputs, compiled);
      this.#programs.add(result);
      // The state may have been disposed of in the meantime, without this program.
      if (this.#disposed) await result.dispose();
      this.#assertInUse(subject);
      await this.#reserve(subject, program, result);
      return result;
    } catch (error) {
      throw libraryError('LAPYRA_ENGINE_COMPILE', subject, error);
    }
  }

  async read(names?: readonly string[]): Promise<TensorValues> {
    const wanted = chosenNames(this.#id, 'state tensor', Object.keys(this.#ports), names);
    return this.#queue.add(async () => {
      this.#assertInUse(this.#id);
      try {
        return await this.#memory.read(wanted);
      } catch (error) {
        throw libraryError('LAPYRA_ENGINE_RUN', `${this.#id}, state`, error);
      }
    });
  }

  async write(part: TensorValues): Promise<void> {
    checkStatePart(this.#id, this.#ports, part);
    if (this.#fixed) throw isFixed(this.#id, 'new values');
    const copies = copied(part);
    await this.#queue.add(async () => {
      this.#assertInUse(this.#id);
      try {
        await this.#memory.write(copies);
      } catch (error) {
        throw libraryError('LAPYRA_ENGINE_RUN', `${this.#id}, state`, error);
      }
    });
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#ended ??= this.#end();
    await this.#ended;
  }

  async #end(): Promise<void> {
    await Promise.all([...this.#programs].map((program) => program.dispose()));
    await this.#queue.idle();
    this.#memory.dispose();
    this.#onDispose(this);
  }

  async #reserve(
    subject: string,
    { writes }: TensorProgram,
    compiled: CompiledProgram,
  ): Promise<void> {
    try {
      await this.#queue.add(async () => {
        this.#assertInUse(subject);
        await this.#memory.reserve(writes);
      });
    } catch (error) {
      await compiled.dispose();
      throw error;
    }
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
    for (const name of this.#fixed ? [] : reads)
      feeds[graphName.state(name)] = this.#memory.current(name);
    for (const [name, value] of Object.entries(given))
      feeds[graphName.input(name)] = wrap(this.#library.ort, value);
    const fetches: Record<string, Tensor | null> = {};
    for (const [index, target] of this.#memory.targets(writes).entries())
      fetches[graphName.newState(writes[index]!)] = target;
    for (const name of read) fetches[graphName.output(name)] = null;
    let results: Record<string, Tensor>;
    try {
      results = await compiled.run(feeds, fetches);
    } catch (error) {
      throw libraryError('LAPYRA_ENGINE_RUN', subject, error);
    }
    // What was fed may come back as it is, and two names of one tensor as one object: the state keeps arrays of its own,
    // and the host must not get a hand on them.
    const ofHost = new Set(Object.keys(given).map((name) => feeds[graphName.input(name)]!));
    const taken = new Set(Object.values(feeds));
    const written = new Map<string, Tensor>();
    for (const name of writes) {
      const result = results[graphName.newState(name)]!;
      const tensor = ofHost.has(result) ? copyIn(this.#library.ort, valueOf(result)) : result;
      taken.add(tensor);
      written.set(name, tensor);
    }
    const values: Record<string, TensorValue> = {};
    for (const name of read) {
      const tensor = results[graphName.output(name)]!;
      values[name] = taken.has(tensor) ? copyOut(tensor) : valueOf(tensor);
      taken.add(tensor);
    }
    // Last: a result may be the state as it was, which the memory gives back now.
    this.#memory.replace(written);
    return values;
  }

  #assertInUse(subject: string): void {
    if (this.#disposed) throw disposedError(subject, 'a state');
  }
}

function isFixed(subject: string, got: string): LapyraError {
  return new LapyraError(
    'LAPYRA_ENGINE_STATE',
    `${subject}: expected that a state opened as fixed stays as it is, got ${got}.`,
    { hint: 'Open the state without fixed.' },
  );
}

/** Values with arrays of their own: what the caller does with the others while a task waits for its turn does not count. */
export function copied(values: TensorValues): TensorValues {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, { ...value, data: value.data.slice() }]),
  );
}
