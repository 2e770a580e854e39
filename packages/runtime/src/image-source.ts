import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  boxBilinearTransform,
  burtAdelsonTransform,
  haarTransform,
  LapyraError,
  type PlainTransform,
  type Whitening,
} from '@lapyra/core';
import { type LevelRunner, openExportedPyramid } from '@lapyra/sampling';
import { listBackends, selectBackend } from './composition/backends.js';
import type { TrainedRun } from './open-trained-run.js';
import type { Project } from './project.js';

/** What can be drawn from: a trained run or an exported folder. */
export interface ImageSource {
  readonly backend: string;
  readonly runners: readonly LevelRunner[];
  readonly whitening: Whitening;
  readonly plain: PlainTransform;
  readonly notices: readonly string[];
  /** `null`: an export, which has no encoder. */
  readonly run: TrainedRun | null;
  dispose(): Promise<void>;
}

/** Whether a folder is an export, not a run. */
export function isExport(folder: string): boolean {
  return existsSync(join(folder, 'manifest.json')) && !existsSync(join(folder, 'config.json'));
}

/** Open an exported folder to draw from it. */
export async function openExportSource(
  project: Project,
  folder: string,
  wanted: string,
): Promise<ImageSource> {
  const { backend } = await selectBackend(await listBackends(project), wanted, 'onnx');
  const engine = await backend.open();
  try {
    const exported = await openExportedPyramid(
      async (file) => readFile(join(folder, file)),
      engine,
    );
    return {
      backend: backend.id,
      runners: exported.levels,
      whitening: exported.whitening,
      plain: plainTransform(exported.manifest.transform),
      notices: [],
      run: null,
      dispose: async () => {
        await exported.dispose();
        await engine.dispose();
      },
    };
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

/** An export carries no plugins; the plain half of the usual transforms is enough for its pictures. */
function plainTransform(id: string): PlainTransform {
  const known = [boxBilinearTransform, burtAdelsonTransform, haarTransform];
  const found = known.find((transform) => transform.id === id);
  if (found) return found;
  throw new LapyraError(
    'LAPYRA_EXPORT_TRANSFORM',
    `export: expected a transform of ${known.map((one) => one.id).join(', ')}, got '${id}'.`,
    {
      hint: 'Draw from the run itself, or with --range stretched in an own program with @lapyra/sampling.',
    },
  );
}
