import '@tensorflow/tfjs-backend-cpu';
import type { Engine, TensorProgram, TensorValue, TensorValues } from '@lapyra/core';
import { env, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';

// Else the backend advertises another one on the console.
env().set('PROD', true);

/** The least engine that suites can be tried on: plain JavaScript kernels, float32 only, no checks. */
export function eagerEngine(): Engine {
  return {
    id: 'eager',
    open: async (values) => {
      const state = new Map(Object.entries(values));
      const read = async (names: readonly string[] = [...state.keys()]): Promise<TensorValues> =>
        Object.fromEntries(names.map((name) => [name, state.get(name)!]));
      return {
        compile: async (program: TensorProgram) => ({
          run: async (inputs: TensorValues) => {
            let written: TensorValues = {};
            let outputs: TensorValues = {};
            tidy(() => {
              const result = program.run(
                tensors(program.reads, Object.fromEntries(state)),
                tensors(Object.keys(program.inputs), inputs),
              );
              written = valuesOf(result.state);
              outputs = valuesOf(result.outputs);
            });
            for (const name of program.writes) state.set(name, written[name]!);
            return outputs;
          },
          dispose: async () => undefined,
        }),
        read,
        write: async (part) => {
          for (const [name, value] of Object.entries(part)) state.set(name, value);
        },
        dispose: async () => state.clear(),
      };
    },
    dispose: async () => undefined,
  };
}

function tensors(names: readonly string[], values: TensorValues): Record<string, Tensor> {
  return Object.fromEntries(
    names.map((name) => {
      const { data, shape } = values[name]!;
      return [name, tensor(data.slice(), [...shape], 'float32')];
    }),
  );
}

function valuesOf(given: Readonly<Record<string, Tensor>>): TensorValues {
  return Object.fromEntries(
    Object.entries(given).map(([name, one]): [string, TensorValue] => {
      const data = one.dataSync<'float32'>().slice();
      return [name, { dtype: 'float32', shape: one.shape, data }];
    }),
  );
}
