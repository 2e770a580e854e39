// The files of every kind of level, as the checker of the ONNX project sees them.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { initialState, levelProgram } from '@lapyra/core';
import { dense, denseRefine, lsunRefine, refine } from '@lapyra/level-adversarial';
import { denoising, variational } from '@lapyra/level-autoencoder';
import { classDense, classRefine } from '@lapyra/level-class-conditional';
import { dcgan } from '@lapyra/level-dcgan';
import { diffusion } from '@lapyra/level-diffusion';
import { superResolve } from '@lapyra/level-super-resolution';
import { textFirst, textRefine } from '@lapyra/level-text-conditional';
import { makeLevel, placeAt } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { expect, test } from 'vitest';

const python = findPython();
const reason =
  python ?? 'no Python with the package onnx: install python3-onnx, or name one in LAPYRA_PYTHON';

const sizes = [
  [8, 8],
  [16, 16],
];
const pixels = { mean: [120, 115, 110], scale: [60, 61, 62], exact: true };
const classes = { kind: 'classes', names: ['cat', 'dog', 'ship'] };
const embedding = { kind: 'embedding', width: 6 };
const wide = { generator: { width: 2 }, discriminator: { width: 2 } };
const hidden = { generator: { hidden: [8] }, discriminator: { hidden: [8] } };
const tiny = { width: 4, steps: 3 };
const small = { hidden: [8], width: 4, layers: 2 };

/** All whose samplers are tensor programs; those on the host have no file. */
const levels = {
  dense: [dense, { noise: 5, ...hidden }, 0],
  refine: [refine, { width: 4 }, 1],
  denseRefine: [denseRefine, hidden, 1],
  lsunRefine: [lsunRefine, {}, 1],
  classDense: [classDense, { noise: 5, ...hidden }, 0, classes],
  classRefine: [classRefine, { width: 4 }, 1, classes],
  dcgan: [dcgan, { noise: 6, width: 3 }, 0],
  textFirst: [textFirst, { noise: 5, textUnits: 4, ...wide }, 0, embedding],
  textRefine: [textRefine, { textUnits: 4, ...wide }, 1, embedding],
  superResolve: [superResolve, { generator: { width: 4, blocks: 1 } }, 1],
  diffusionFirst: [diffusion, tiny, 0, classes],
  diffusionRefine: [diffusion, tiny, 1],
  variational: [variational, { ...small, latent: 3 }, 0],
  denoising: [denoising, small, 0],
};

test.skipIf(python === null)(
  `the ONNX checker accepts the file of every kind of level (${reason})`,
  async () => {
    const backend = await onnxruntimeCpu.plugin.create({}, undefined);
    const engine = await backend.open({ threads: 1 });
    const transform = await boxBilinear.plugin.create({}, undefined);
    const folder = mkdtempSync(join(tmpdir(), 'lapyra-exports-'));
    try {
      for (const [name, [plugin, options, index, condition]] of Object.entries(levels)) {
        const place = placeAt(sizes, index, { pixels, ...(condition && { condition }) });
        const level = await makeLevel(plugin, options, place);
        const { state, samplerState } = level.training;
        const start = initialState(state, 1, name);
        const values = Object.entries(samplerState).map(([to, from]) => [to, start[from]]);
        const program = levelProgram(level, transform.tensor);
        const file = await engine.export(program, Object.fromEntries(values));
        writeFileSync(join(folder, `${name}.onnx`), file);
      }
      const script = `
import glob, onnx, os, sys
for path in sorted(glob.glob(os.path.join(sys.argv[1], '*.onnx'))):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert [o.domain for o in model.opset_import] == [''], path
    stated = {v.name for v in list(model.graph.value_info) + list(model.graph.output)}
    assert all(name in stated for node in model.graph.node for name in node.output), path
    print(os.path.basename(path)[:-5])
`;
      const said = execFileSync(python, ['-c', script, folder], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
      expect(said.trim().split('\n')).toEqual(Object.keys(levels).toSorted());
    } finally {
      rmSync(folder, { recursive: true });
      await engine.dispose();
    }
  },
);

function findPython() {
  const given = process.env.LAPYRA_PYTHON;
  for (const candidate of given === undefined ? ['python3', '/usr/bin/python3'] : [given]) {
    try {
      execFileSync(candidate, ['-c', 'import onnx'], { stdio: 'ignore' });
      return candidate;
    } catch {
      // Not this one.
    }
  }
  return null;
}
