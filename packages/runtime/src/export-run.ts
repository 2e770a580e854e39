import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import {
  type Engine,
  LapyraError,
  type Level,
  levelProgram,
  sizeName,
  storeWhitening,
} from '@lapyra/core';
import type { ExportedLevel, ExportManifest, FusedFile } from '@lapyra/sampling';
import { listBackends, selectBackend } from './composition/backends.js';
import { createPyramid, type Pyramid } from './composition/pyramid.js';
import { createExportDraft, refuseOtherFolder } from './export-draft.js';
import type { WorkHooks } from './prepare-data.js';
import { findProject } from './project.js';
import { findRun } from './stored/find-run.js';
import { openStoredRun, type StoredRun } from './stored/stored-run.js';
import { type TrainedState, trainedState } from './stored/trained-state.js';

export interface ExportRequest {
  readonly folder: string;
  /** Name or folder of a run. Default: the one touched last. */
  readonly run?: string;
  /** Where to write. */
  readonly out: string;
  /** Also one file for the whole pyramid. */
  readonly fused: boolean;
  readonly backend: string;
}

export interface ExportResult {
  readonly folder: string;
  readonly manifest: ExportManifest;
  /** Bytes of each file. */
  readonly files: Readonly<Record<string, number>>;
}

/**
 * Write a trained run as ONNX files: one a level, and one for the whole pyramid if asked for. The folder appears whole
 * or not at all; an earlier export is replaced, any other folder is refused, and so is an earlier export to which files were added.
 *
 * @throws {LapyraError} `LAPYRA_EXPORT_*`, `LAPYRA_RUN_*`, `LAPYRA_BACKEND_*`
 */
export async function exportRun(request: ExportRequest, hooks: WorkHooks): Promise<ExportResult> {
  const out = resolve(request.folder, request.out);
  await refuseOtherFolder(out);
  const project = findProject(request.folder);
  const run = await openStoredRun(findRun(project.folder, request.run));
  const pyramid = await createPyramid(project, run.config, run.shape, {
    whitening: run.whitening,
  });
  const hosts = pyramid.levels
    .filter(({ sampler }) => 'kind' in sampler)
    .map(({ place }) => sizeName(place.size));
  if (request.fused && hosts.length > 0) {
    throw new LapyraError(
      'LAPYRA_EXPORT_HOST',
      `export: expected tensor programs at every level to fuse, got a sampler that runs on the host at ${hosts.join(', ')}.`,
      {
        hint: 'Export without --fused: the other levels are written.',
      },
    );
  }
  const { backend } = await selectBackend(await listBackends(project), request.backend, 'export');
  const engine = await backend.open();
  try {
    return await write(out, run, pyramid, engine, request.fused, hooks);
  } finally {
    await engine.dispose();
  }
}

async function write(
  out: string,
  run: StoredRun,
  pyramid: Pyramid,
  engine: Engine,
  fused: boolean,
  hooks: WorkHooks,
): Promise<ExportResult> {
  const draft = await createExportDraft(out);
  const files: Record<string, number> = {};
  const save = async (
    file: string,
    bytes: Uint8Array,
  ): Promise<{ file: string; sha256: string }> => {
    await draft.write(file, bytes);
    files[file] = bytes.length;
    return { file, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  try {
    const states = await Promise.all(pyramid.levels.map((level) => trainedState(run.paths, level)));
    for (const line of states.flatMap(({ notices }) => notices)) hooks.notice(line);
    const levels: ExportedLevel[] = [];
    for (const [index, level] of pyramid.levels.entries()) {
      const name = sizeName(level.place.size);
      if ('kind' in level.sampler) {
        hooks.notice(`level ${name} runs on the host and is left out`);
        continue;
      }
      const { state, step } = states[index]!;
      const bytes = await engine.export!(levelProgram(level, pyramid.transform.tensor), state, {
        metadata: metadata(run, level, step),
      });
      const { size, coarse } = level.place;
      levels.push({
        name,
        size,
        coarse,
        noise: level.noise,
        step,
        ...(await save(`level-${name}.onnx`, bytes)),
      });
    }
    const manifest: ExportManifest = {
      format: 'lapyra-export',
      version: 1,
      name: run.config.name,
      transform: pyramid.transform.plain.id,
      channels: run.shape.channels,
      condition: run.shape.condition,
      whitening: storeWhitening(run.whitening),
      levels,
      fused: fused ? await fuse(run, pyramid, states, engine, save) : null,
    };
    const text = `${JSON.stringify(manifest, null, 2)}\n`;
    await draft.write('manifest.json', text);
    files['manifest.json'] = Buffer.byteLength(text);
    await draft.commit();
    return { folder: out, manifest, files };
  } finally {
    await draft.discard();
  }
}

async function fuse(
  run: StoredRun,
  { levels, transform }: Pyramid,
  states: readonly TrainedState[],
  engine: Engine,
  save: (file: string, bytes: Uint8Array) => Promise<{ file: string; sha256: string }>,
): Promise<FusedFile> {
  const { fusedPyramid } = await import('@lapyra/nn'); // all of tfjs: not for the sake of lapyra status
  const { program, slices } = fusedPyramid({
    levels,
    transform: transform.tensor,
    whitening: run.whitening,
  });
  const state = Object.fromEntries(
    levels.flatMap((level, index) =>
      Object.entries(states[index]!.state).map(([name, value]) => [
        `level-${sizeName(level.place.size)}.${name}`,
        value,
      ]),
    ),
  );
  const bytes = await engine.export!(program, state, {
    wideInputs: ['class'],
    metadata: { 'lapyra.run': run.config.name, 'lapyra.slices': JSON.stringify(slices) },
  });
  const z = slices.reduce((sum, { length }) => sum + length, 0);
  return { ...(await save('pyramid.onnx', bytes)), z, slices };
}

function metadata(
  run: StoredRun,
  { place, noise, output }: Level,
  step: number,
): Record<string, string> {
  return {
    'lapyra.run': run.config.name,
    'lapyra.step': String(step),
    'lapyra.place': JSON.stringify(place),
    'lapyra.noise': JSON.stringify(noise),
    'lapyra.output': output,
    'lapyra.whitening': run.whitening.kind,
  };
}
