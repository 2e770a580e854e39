import { exportRun } from '@lapyra/runtime';
import { EXIT } from '../exit-codes.js';
import { printJson } from '../terminal/print-json.js';
import { bytes } from '../terminal/quantity.js';
import { createProgressBoard } from '../terminal/progress-board.js';
import { boardHooks } from '../terminal/board-hooks.js';

interface ExportOptions {
  readonly out: string;
  readonly fused?: boolean;
  readonly backend: string;
  readonly json?: boolean;
}

/** `lapyra export`: ONNX files of a trained run. */
export async function exportCommand(
  run: string | undefined,
  options: ExportOptions,
): Promise<number> {
  const board = createProgressBoard(process.stderr);
  const result = await exportRun(
    {
      folder: process.cwd(),
      ...(run === undefined ? {} : { run }),
      out: options.out,
      fused: options.fused ?? false,
      backend: options.backend,
    },
    boardHooks(board),
  ).finally(() => board.close());
  if (options.json) {
    printJson({ folder: result.folder, files: result.files, manifest: result.manifest });
  } else {
    for (const [file, size] of Object.entries(result.files)) {
      process.stdout.write(`wrote ${options.out}/${file} (${bytes(size)})\n`);
    }
  }
  return EXIT.ok;
}
