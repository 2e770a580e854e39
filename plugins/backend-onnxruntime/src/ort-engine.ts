import { disposedError, type Engine, type LoadedModel } from '@lapyra/core';
import type { OrtLibrary } from './ort-library.js';
import type { OrtState } from './ort-state.js';

/**
 * An engine on one of ONNX Runtime's packages.
 *
 * The compiler is loaded when the first program needs it: a web page that only runs exported files goes without it.
 */
export function createOrtEngine(id: string, library: OrtLibrary, canExport: boolean): Engine {
  const states = new Set<OrtState>();
  const models = new Set<LoadedModel>();
  let measured: Promise<number> | undefined;
  let disposed = false;
  const assertInUse = (): void => {
    if (disposed) throw disposedError(id, 'an engine');
  };
  const subjectOf = (program: { readonly name: string }): string =>
    `${id}, program '${program.name}'`;

  const exportFile: NonNullable<Engine['export']> = async (program, state, options) => {
    assertInUse();
    const { exportProgram } = await import('./export-program.js');
    return exportProgram(subjectOf(program), program, state, options);
  };

  return {
    id,
    open: async (values) => {
      assertInUse();
      const { OrtState: State } = await import('./ort-state.js');
      assertInUse();
      const state = new State(id, library, values, (closed) => states.delete(closed));
      states.add(state);
      return state;
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
      await Promise.all([...states, ...models].map((part) => part.dispose()));
    },
  };
}
