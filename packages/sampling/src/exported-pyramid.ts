import {
  type Engine,
  LapyraError,
  loadWhitening,
  type LoadedModel,
  type TensorValue,
  type Whitening,
} from '@lapyra/core';
import { type ExportedFile, type ExportManifest, parseExportManifest } from './export-manifest.js';
import type { LevelRunner } from './level-runner.js';

/** Reads one file of an exported folder: from disk, by fetch, or out of an archive. */
export type ReadFile = (file: string) => Promise<Uint8Array>;

/** An exported pyramid, ready to draw. */
export interface ExportedPyramid {
  readonly manifest: ExportManifest;
  readonly whitening: Whitening;
  /** From coarse to fine. */
  readonly levels: readonly LevelRunner[];
  dispose(): Promise<void>;
}

/**
 * Open an exported folder in Node or a browser: each level's file is checked against its sha256 and loaded.
 *
 * @param engine one that lists `onnx`
 * @throws {LapyraError} `LAPYRA_EXPORT_MANIFEST`, `LAPYRA_EXPORT_CHECKSUM`, `LAPYRA_ENGINE_ONNX`
 */
export async function openExportedPyramid(
  read: ReadFile,
  engine: Engine,
): Promise<ExportedPyramid> {
  const manifest = parseExportManifest(new TextDecoder().decode(await read('manifest.json')));
  const levels: LevelRunner[] = [];
  try {
    for (const level of manifest.levels) {
      const model = await loadFile(read, engine, level);
      const place: LevelRunner['place'] = {
        size: level.size,
        coarse: level.coarse,
        channels: manifest.channels,
        condition: manifest.condition,
        transform: manifest.transform,
      };
      levels.push({ name: level.name, place, noise: level.noise, ...runnerOf(model) });
    }
  } catch (error) {
    await Promise.all(levels.map((level) => level.dispose()));
    throw error;
  }
  return {
    manifest,
    whitening: loadWhitening(manifest.whitening),
    levels,
    dispose: async () => {
      await Promise.all(levels.map((level) => level.dispose()));
    },
  };
}

/**
 * Open the fused file of an exported folder: one run from `z` to finished pixels.
 *
 * @throws {LapyraError} as {@link openExportedPyramid}; `LAPYRA_EXPORT_NOT_FUSED` if the folder has no fused file
 */
export async function openFusedPyramid(
  read: ReadFile,
  engine: Engine,
): Promise<{ readonly manifest: ExportManifest; readonly model: LoadedModel }> {
  const manifest = parseExportManifest(new TextDecoder().decode(await read('manifest.json')));
  if (!manifest.fused) {
    throw new LapyraError(
      'LAPYRA_EXPORT_NOT_FUSED',
      'manifest.json: expected a fused file, got none.',
      {
        hint: 'Export the run again with --fused.',
      },
    );
  }
  return { manifest, model: await loadFile(read, engine, manifest.fused) };
}

async function loadFile(read: ReadFile, engine: Engine, entry: ExportedFile): Promise<LoadedModel> {
  if (!engine.load) {
    throw new LapyraError(
      'LAPYRA_ENGINE_ONNX',
      `${engine.id}: expected a backend that loads ONNX files, got one that does not.`,
      {
        hint: 'Use onnxruntime-cpu in Node or onnxruntime-web in a browser.',
      },
    );
  }
  const bytes = await read(entry.file);
  const sha256 = await digest(bytes);
  if (sha256 !== entry.sha256) {
    throw new LapyraError(
      'LAPYRA_EXPORT_CHECKSUM',
      `${entry.file}: expected sha256 ${entry.sha256}, got ${sha256}.`,
      {
        hint: 'The file was changed or cut short: copy the exported folder again.',
      },
    );
  }
  return engine.load(bytes);
}

function runnerOf(model: LoadedModel): Pick<LevelRunner, 'run' | 'dispose'> {
  const wanted = new Set(model.inputs.map(({ name }) => name));
  return {
    run: async (inputs): Promise<TensorValue> => {
      const given = Object.fromEntries(Object.entries(inputs).filter(([name]) => wanted.has(name)));
      return (await model.run(given))['image']!;
    },
    dispose: () => model.dispose(),
  };
}

/** SHA-256 in hexadecimal, by the Web Crypto API that Node and browsers share. */
async function digest(bytes: Uint8Array): Promise<string> {
  const hash = await globalThis.crypto.subtle.digest('SHA-256', new Uint8Array(bytes));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
