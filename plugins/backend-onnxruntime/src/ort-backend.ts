import { type Backend, type Capability, LapyraError, type Probe } from '@lapyra/core';
import { createOrtEngine } from './ort-engine.js';
import type { OrtLibrary } from './ort-library.js';
import { UnavailableError } from './unavailable-error.js';

export interface OrtBackendDefinition {
  readonly id: string;
  readonly priority: number;
  readonly can: readonly Capability[];
  /** Whether the authors have run it. Default: they have. */
  readonly tested?: boolean;
  readonly packageName: string;
  /** A command that installs the package. */
  readonly install: string;
  /** Import the package. Throws what is in the way. */
  load(threads: number | undefined): Promise<OrtLibrary>;
  /** A command that would mend what `load` threw, other than the package's absence. */
  readonly fix: string;
}

/** A backend on one of ONNX Runtime's packages, which the user installs. */
export function createOrtBackend(definition: OrtBackendDefinition): Backend {
  const { id, priority, can, tested = true, packageName, install, load, fix } = definition;
  const fixOf = (error: unknown): string => {
    if (error instanceof UnavailableError) return error.fix;
    return isMissing(error, packageName) ? install : fix;
  };
  return {
    id,
    priority,
    can,
    tested,
    probe: async (): Promise<Probe> => {
      try {
        const { device } = await load(undefined);
        return { available: true, device };
      } catch (error) {
        return { available: false, reason: reasonOf(error, packageName), fix: fixOf(error) };
      }
    },
    open: async (options) => {
      const threads = options?.threads;
      if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1)) {
        throw new LapyraError(
          'LAPYRA_ENGINE_THREADS',
          `${id}, threads: expected a whole number of at least 1, got ${threads}.`,
        );
      }
      try {
        return createOrtEngine(id, await load(threads), can.includes('export'));
      } catch (error) {
        throw new LapyraError(
          'LAPYRA_BACKEND_UNAVAILABLE',
          `${id}: expected an available backend, got: ${reasonOf(error, packageName)}`,
          { hint: fixOf(error), cause: error },
        );
      }
    },
  };
}

function reasonOf(error: unknown, packageName: string): string {
  if (isMissing(error, packageName)) return `${packageName} is not installed`;
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0] ?? '';
}

/** Whether an import failed since there is no package of this name. */
function isMissing(error: unknown, packageName: string): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return (
    (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') &&
    typeof message === 'string' &&
    message.includes(`'${packageName}'`)
  );
}
