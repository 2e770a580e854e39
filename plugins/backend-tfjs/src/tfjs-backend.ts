import { cpus } from 'node:os';
import { type Backend, type Capability, LapyraError, type Probe } from '@lapyra/core';
import { assertOneTfjsCore, registerGradients } from '@lapyra/tfjs-onnx/gradients';
import { createEagerEngine } from './eager-engine.js';
import { loadBackend, onBackend, startBackend } from './on-backend.js';

export interface TfjsBackendDefinition {
  readonly id: string;
  readonly priority: number;
  readonly can: readonly Capability[];
  readonly tested: boolean;
  /** How tfjs calls the backend: `cpu`. */
  readonly backendName: string;
  /** Make sure that tfjs knows the backend; a line about the device. Throws what is in the way. */
  load(): Promise<string>;
  /** Called on the backend once it has started. */
  start?(): void;
  /** The package that `load` imports and that the user installs, if there is one. */
  readonly packageName?: string;
  /** A command or step that would mend what `load` threw, if it is not the package's absence and has no `hint`. */
  readonly fix: string;
}

/** A backend that runs programs eagerly on one of tfjs's own. */
export function createTfjsBackend(definition: TfjsBackendDefinition): Backend {
  const { id, priority, can, tested, backendName, load, start } = definition;
  const probe = async (): Promise<Probe & { readonly error?: unknown }> => {
    try {
      assertOneTfjsCore();
      const device = await loadBackend(backendName, load);
      await startBackend(backendName);
      if (start) await onBackend(backendName, start);
      return { available: true, device };
    } catch (error) {
      return { available: false, ...diagnosis(definition, error), error };
    }
  };
  return {
    id,
    priority,
    can,
    tested,
    probe: async () => {
      const found = await probe();
      return found.available ? found : { available: false, reason: found.reason, fix: found.fix };
    },
    open: async () => {
      const found = await probe();
      if (!found.available) {
        throw new LapyraError(
          'LAPYRA_BACKEND_UNAVAILABLE',
          `${id}: expected an available backend, got: ${found.reason}`,
          { hint: found.fix, cause: found.error },
        );
      }
      // What was loaded may have registered tfjs's own gradients over ours.
      registerGradients();
      return createEagerEngine(id, backendName);
    },
  };
}

/** The processor's name, as far as the system knows it. */
export function processorName(): string {
  return cpus()[0]?.model.trim() || process.arch;
}

/** What is in the way, and what would mend it. */
function diagnosis(
  { packageName, fix }: TfjsBackendDefinition,
  error: unknown,
): { readonly reason: string; readonly fix: string } {
  if (packageName && isMissing(error, packageName))
    return { reason: `${packageName} is not installed`, fix: `npm install ${packageName}` };
  const { message, hint } = (error ?? {}) as {
    readonly message?: unknown;
    readonly hint?: unknown;
  };
  const [reason = ''] = String(message ?? error).split('\n');
  return { reason, fix: typeof hint === 'string' ? hint : fix };
}

/** Whether an import failed since there is no package of this name. */
function isMissing(error: unknown, packageName: string): boolean {
  const { code, message } = (error ?? {}) as {
    readonly code?: unknown;
    readonly message?: unknown;
  };
  return (
    (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') &&
    typeof message === 'string' &&
    message.includes(`'${packageName}'`)
  );
}
