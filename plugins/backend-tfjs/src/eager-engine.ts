import {
  checkInputs,
  checkProgram,
  checkStatePart,
  chosenNames,
  type CompiledProgram,
  disposedError,
  type Engine,
  type EngineState,
  inputPorts,
  statePorts,
  type TensorPorts,
  type TensorProgram,
  type TensorValues,
} from '@lapyra/core';
import { dispose, keep, type Tensor } from '@tensorflow/tfjs-core';
import { onBackend } from './on-backend.js';
import { runProgram } from './run-program.js';
import { toTensor, toValue } from './tensor-border.js';

/**
 * An engine that runs programs eagerly: `compile` checks, `run` calls the program's own function on the tfjs backend
 * `backendName`, which has been started.
 */
export function createEagerEngine(id: string, backendName: string): Engine {
  const states = new Set<EagerState>();
  let disposed = false;
  return {
    id,
    open: async (values) => {
      if (disposed) throw disposedError(id, 'an engine');
      const ports = statePorts(id, values);
      const state = new EagerState(id, backendName, ports, (closed) => states.delete(closed));
      states.add(state);
      await state.write(values);
      return state;
    },
    dispose: async () => {
      disposed = true;
      await Promise.all([...states].map((state) => state.dispose()));
    },
  };
}

class EagerState implements EngineState {
  readonly #id: string;
  readonly #backendName: string;
  readonly #ports: TensorPorts;
  readonly #close: (state: EagerState) => void;
  readonly #tensors = new Map<string, Tensor>();
  #disposed = false;

  constructor(
    id: string,
    backendName: string,
    ports: TensorPorts,
    close: (state: EagerState) => void,
  ) {
    this.#id = id;
    this.#backendName = backendName;
    this.#ports = ports;
    this.#close = close;
  }

  async compile(program: TensorProgram, batch?: number): Promise<CompiledProgram> {
    const subject = `${this.#id}, program '${program.name}'`;
    if (this.#disposed) throw disposedError(subject, 'a state');
    checkProgram(subject, program, this.#ports);
    const expected = inputPorts(subject, program.inputs, batch);
    const outputs = Object.keys(program.outputs);
    let disposed = false;
    return {
      run: async (inputs, options) => {
        checkInputs(subject, expected, inputs);
        const read = chosenNames(subject, 'output', outputs, options?.read);
        return onBackend(this.#backendName, () => {
          if (disposed) throw disposedError(subject, 'a program');
          if (this.#disposed) throw disposedError(subject, 'a state');
          const run = runProgram(subject, program, this.#tensors, this.#ports, inputs, read);
          this.#replace(run.state);
          return run.outputs;
        });
      },
      dispose: async () => {
        disposed = true;
      },
    };
  }

  async read(names?: readonly string[]): Promise<TensorValues> {
    const wanted = chosenNames(this.#id, 'state tensor', Object.keys(this.#ports), names);
    return onBackend(this.#backendName, () => {
      if (this.#disposed) throw disposedError(this.#id, 'a state');
      return Object.fromEntries(
        wanted.map((name) => [name, toValue(this.#tensors.get(name)!, this.#ports[name]!.dtype)]),
      );
    });
  }

  async write(part: TensorValues): Promise<void> {
    checkStatePart(this.#id, this.#ports, part);
    await onBackend(this.#backendName, () => {
      if (this.#disposed) throw disposedError(this.#id, 'a state');
      this.#replace(
        new Map(Object.entries(part).map(([name, value]) => [name, keep(toTensor(value))])),
      );
    });
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    dispose([...this.#tensors.values()]);
    this.#tensors.clear();
    this.#close(this);
  }

  #replace(tensors: ReadonlyMap<string, Tensor>): void {
    for (const [name, tensor] of tensors) {
      this.#tensors.get(name)?.dispose();
      this.#tensors.set(name, tensor);
    }
  }
}
