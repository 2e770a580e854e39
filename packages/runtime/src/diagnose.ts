import { arch, availableParallelism, platform } from 'node:os';
import type { Capability, Probe } from '@lapyra/core';
import { listBackends } from './composition/backends.js';
import { findProject } from './project.js';

/** What `lapyra doctor` finds. */
export interface Diagnosis {
  readonly node: string;
  readonly platform: string;
  readonly cores: number;
  readonly project: string;
  readonly backends: readonly {
    readonly id: string;
    readonly can: readonly Capability[];
    readonly tested: boolean;
    readonly probe: Probe;
  }[];
}

/**
 * Look at this machine and probe every backend that the project has installed.
 *
 * @throws {LapyraError} `LAPYRA_PROJECT_*`, `LAPYRA_PLUGIN_*`
 */
export async function diagnose(folder: string): Promise<Diagnosis> {
  const project = findProject(folder);
  const backends: Diagnosis['backends'][number][] = [];
  for (const backend of await listBackends(project)) {
    const { id, can, tested } = backend;
    backends.push({ id, can, tested, probe: await backend.probe() });
  }
  return {
    node: process.versions.node,
    platform: `${platform()} ${arch()}`,
    cores: availableParallelism(),
    project: project.folder,
    backends,
  };
}
