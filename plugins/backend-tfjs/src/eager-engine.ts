import {
  type CompiledProgram,
  type Engine,
  type EngineState,
  LapyraError,
  type TensorProgram,
  type TensorValues,
} from '@lapyra/core';
import { dispose, keep, type Tensor } from '@tensorflow/tfjs-core';
import { onBackend } from './on-backend.js';
import {
  checkProgram,
  checkValues,
  checkWhole,
  chosenNames,
  inputPorts,
  mapValues,
  type Ports,
} from './program-border.js';
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
      if (disposed) throw gone(id, 'engine');
      for (const [name, value] of Object.entries(values))
        checkWhole(`${id}, state tensor '${name}'`, 'LAPYRA_ENGINE_STATE', value);
      const ports = mapValues(values, ({ dtype, shape }) => ({ dtype, shape: [...shape] }));
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
  readonly #ports: Ports;
  readonly #close: (state: EagerState) => void;
  readonly #tensors = new Map<string, Tensor>();
  #disposed = false;

  constructor(id: string, backendName: string, ports: Ports, close: (state: EagerState) => void) {
    this.#id = id;
    this.#backendName = backendName;
    this.#ports = ports;
    this.#close = close;
  }

  async compile(program: TensorProgram, batch?: number): Promise<CompiledProgram> {
    const subject = `${this.#id}, program '${program.name}'`;
    if (this.#disposed) throw gone(subject, 'state');
    checkProgram(subject, program, this.#ports);
    const expected = inputPorts(subject, program.inputs, batch);
    const outputs = Object.keys(program.outputs);
    let disposed = false;
    return {
      run: async (inputs, options) => {
        checkValues(subject, 'input', expected, inputs);
        const read = chosenNames(subject, 'output', outputs, options?.read);
        return onBackend(this.#backendName, () => {
          if (disposed) throw gone(subject, 'program');
          if (this.#disposed) throw gone(subject, 'state');
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
      if (this.#disposed) throw gone(this.#id, 'state');
      return Object.fromEntries(
        wanted.map((name) => [name, toValue(this.#tensors.get(name)!, this.#ports[name]!.dtype)]),
      );
    });
  }

  async write(part: TensorValues): Promise<void> {
    checkValues(this.#id, 'state tensor', this.#ports, part, true);
    await onBackend(this.#backendName, () => {
      if (this.#disposed) throw gone(this.#id, 'state');
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

function gone(subject: string, what: string): LapyraError {
  return new LapyraError(
    'LAPYRA_ENGINE_DISPOSED',
    `${subject}: expected ${what === 'engine' ? 'an' : 'a'} ${what} in use, got one that was disposed of.`,
  );
}
