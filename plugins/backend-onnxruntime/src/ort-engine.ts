import {
  disposedError,
  type Engine,
  type LoadedModel,
  statePorts,
  type TensorValues,
} from '@lapyra/core';
import { libraryError } from './library-error.js';
import type { OrtLibrary } from './ort-library.js';
import type { DeviceCopies } from './device-copies.js';
import type { OrtState } from './ort-state.js';
import type { StateMemory } from './state-memory.js';

/**
 * An engine on one of ONNX Runtime's packages.
 *
 * The compiler is loaded when the first program needs it: a web page that only runs exported files goes without it.
 */
export function createOrtEngine(id: string, library: OrtLibrary, canExport: boolean): Engine {
  const states = new Set<OrtState>();
  const opening = new Set<Promise<unknown>>();
  const models = new Set<LoadedModel>();
  let measured: Promise<number> | undefined;
  let copies: Promise<DeviceCopies> | undefined;
  let disposed = false;
  const assertInUse = (): void => {
    if (disposed) throw disposedError(id, 'an engine');
  };
  const subjectOf = (program: { readonly name: string }): string =>
    `${id}, program '${program.name}'`;

  const remember = async (values: TensorValues, fixed: boolean): Promise<StateMemory> => {
    // Programs have a fixed state inside; only the host asks for it.
    if (!library.onDevice || fixed) {
      const { HostMemory } = await import('./host-memory.js');
      return new HostMemory(library.ort, values);
    }
    copies ??= import('./device-copies.js').then(({ DeviceCopies: Copies }) => new Copies(library));
    const { DeviceMemory } = await import('./device-memory.js');
    try {
      return await DeviceMemory.open(await copies, values);
    } catch (error) {
      throw libraryError('LAPYRA_ENGINE_RUN', `${id}, state`, error);
    }
  };

  const exportFile: NonNullable<Engine['export']> = async (program, state, options) => {
    assertInUse();
    const { exportProgram } = await import('./export-program.js');
    return exportProgram(subjectOf(program), program, state, options);
  };

  return {
    id,
    open: async (values, { fixed = false } = {}) => {
      assertInUse();
      const ports = statePorts(id, values);
      const { OrtState: State, copied } = await import('./ort-state.js');
      assertInUse();
      const own = copied(values);
      const remembering = remember(own, fixed);
      opening.add(remembering);
      try {
        const memory = await remembering;
        const state = new State(
          id,
          library,
          { ports, memory, fixed: fixed ? own : null },
          (closed) => states.delete(closed),
        );
        states.add(state);
        // The engine may have been disposed of in the meantime, without this state.
        if (disposed) await state.dispose();
        assertInUse();
        return state;
      } finally {
        opening.delete(remembering);
      }
    },
    load: async (file) => {
      assertInUse();
      const { loadModel } = await import('./loaded-model.js');
      const model = await loadModel(`${id}, model`, library, file, (closed) =>
        models.delete(closed),
      );
      models.add(model);
      // The engine may have been disposed of in the meantime, without this model.
      if (disposed) await model.dispose();
      assertInUse();
      return model;
    },
    cost: async (program, state, batch) => {
      assertInUse();
      const { measureRate, programCost } = await import('./program-cost.js');
      return programCost(subjectOf(program), program, state, batch, () => {
        measured ??= measureRate(library);
        return measured;
      });
    },
    ...(canExport ? { export: exportFile } : {}),
    dispose: async () => {
      disposed = true;
      await Promise.allSettled(opening);
      await Promise.all([...states, ...models].map((part) => part.dispose()));
      // Last, since the tensors of the states are made by them.
      await (await copies)?.dispose();
    },
  };
}
