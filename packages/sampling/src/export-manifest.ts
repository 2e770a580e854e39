import {
  type ConditionSpec,
  LapyraError,
  type NoiseSpec,
  type Size,
  type StoredWhitening,
} from '@lapyra/core';

/** `manifest.json` of an exported pyramid: all that is needed to draw from its ONNX files. */
export interface ExportManifest {
  readonly format: 'lapyra-export';
  readonly version: 1;
  /** The run that was exported. */
  readonly name: string;
  readonly transform: string;
  readonly channels: number;
  readonly condition: ConditionSpec;
  readonly whitening: StoredWhitening;
  /** From coarse to fine. */
  readonly levels: readonly ExportedLevel[];
  readonly fused: FusedFile | null;
}

export interface ExportedFile {
  readonly file: string;
  /** Of the file's bytes, in hexadecimal. */
  readonly sha256: string;
}

export interface ExportedLevel extends ExportedFile {
  readonly name: string;
  readonly size: Size;
  readonly coarse: Size | null;
  readonly noise: NoiseSpec;
  /** Steps that the level was trained. */
  readonly step: number;
}

/** The whole pyramid in one file: input `z` [B, length], output `image` uint8 [B, C, H, W]. */
export interface FusedFile extends ExportedFile {
  readonly z: number;
  readonly slices: readonly {
    readonly level: string;
    readonly noise: string;
    readonly offset: number;
    readonly length: number;
  }[];
}

/**
 * The manifest in a text.
 *
 * @throws {LapyraError} `LAPYRA_EXPORT_MANIFEST` if it is no manifest of an exported pyramid
 */
export function parseExportManifest(text: string): ExportManifest {
  let value: Partial<ExportManifest>;
  try {
    value = JSON.parse(text) as Partial<ExportManifest>;
  } catch (cause) {
    throw new LapyraError(
      'LAPYRA_EXPORT_MANIFEST',
      'manifest.json: expected JSON, got something else.',
      { cause },
    );
  }
  if (value.format !== 'lapyra-export' || !Array.isArray(value.levels)) {
    throw new LapyraError(
      'LAPYRA_EXPORT_MANIFEST',
      'manifest.json: expected an exported pyramid, got another document.',
      {
        hint: 'Export a run with: lapyra export RUN --out DIR',
      },
    );
  }
  if (value.version !== 1) {
    throw new LapyraError(
      'LAPYRA_EXPORT_MANIFEST',
      `manifest.json: expected version 1, got ${String(value.version)}.`,
      {
        hint: 'Update Lapyra, or export the run again.',
      },
    );
  }
  return value as ExportManifest;
}
