import { type Backend, type Capability, LapyraError, nearestName, type Probe } from '@lapyra/core';
import { Container } from 'inversify';
import type { Project } from '../project.js';
import { backendModules } from './modules.js';
import { BACKENDS, PROJECT } from './tokens.js';

/** A backend, and why it was taken. */
export interface BackendChoice {
  readonly backend: Backend;
  readonly device: string;
  /** One line: what was chosen, and what was skipped and why. */
  readonly notice: string;
}

/** All backends that the project has installed, by priority. */
export async function listBackends(project: Project): Promise<readonly Backend[]> {
  const container = new Container({ defaultScope: 'Singleton' });
  container.bind(PROJECT).toConstantValue(project);
  await container.loadAsync(...backendModules(project));
  const found = container.isBound(BACKENDS) ? await container.getAllAsync(BACKENDS) : [];
  return found.toSorted((a, b) => b.priority - a.priority);
}

/**
 * Choose a backend. One named by the user is tried alone; `auto` takes the first, by priority, that can do the job and
 * is available.
 *
 * @throws {LapyraError} `LAPYRA_BACKEND_UNKNOWN`, `LAPYRA_BACKEND_UNFIT`, `LAPYRA_BACKEND_UNAVAILABLE`
 */
export async function selectBackend(
  backends: readonly Backend[],
  wanted: string,
  need: Capability,
): Promise<BackendChoice> {
  if (wanted !== 'auto') return selectNamed(backends, wanted, need);
  const skipped: string[] = [];
  for (const backend of backends.filter(({ can }) => can.includes(need))) {
    const probe = await backend.probe();
    if (probe.available) return choice(backend, probe, skipped);
    skipped.push(`${backend.id} (${probe.reason})`);
  }
  throw new LapyraError(
    'LAPYRA_BACKEND_UNAVAILABLE',
    `backend: expected one that can ${need}, got ${skipped.length > 0 ? skipped.join(', ') : 'none installed'}.`,
    {
      hint:
        skipped.length > 0
          ? 'See what would mend it with: lapyra doctor'
          : 'Install one with: npm install @lapyra/backend-onnxruntime onnxruntime-node',
    },
  );
}

async function selectNamed(
  backends: readonly Backend[],
  wanted: string,
  need: Capability,
): Promise<BackendChoice> {
  const ids = backends.map(({ id }) => id);
  const backend = backends.find(({ id }) => id === wanted);
  if (!backend) {
    const near = nearestName(wanted, ids);
    throw new LapyraError(
      'LAPYRA_BACKEND_UNKNOWN',
      `backend: expected ${[...ids, 'auto'].join(', ')}, got '${wanted}'.`,
      {
        hint: near
          ? `Did you mean ${near}?`
          : 'Install the package that supplies it; lapyra doctor lists what is there.',
      },
    );
  }
  if (!backend.can.includes(need)) {
    throw new LapyraError(
      'LAPYRA_BACKEND_UNFIT',
      `backend ${wanted}: expected one that can ${need}, got one that can ${backend.can.join(', ')}.`,
    );
  }
  const probe = await backend.probe();
  if (!probe.available) {
    throw new LapyraError(
      'LAPYRA_BACKEND_UNAVAILABLE',
      `backend ${wanted}: not available: ${probe.reason}`,
      { hint: probe.fix },
    );
  }
  return choice(backend, probe, []);
}

function choice(
  backend: Backend,
  probe: Extract<Probe, { available: true }>,
  skipped: readonly string[],
): BackendChoice {
  const why = skipped.length > 0 ? `; skipped ${skipped.join(', ')}` : '';
  return {
    backend,
    device: probe.device,
    notice: `backend ${backend.id} on ${probe.device}${why}`,
  };
}
