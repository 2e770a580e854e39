// The checker of the ONNX project, where a Python with it is there: $LAPYRA_PYTHON, python3 or /usr/bin/python3.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why files are not checked, or null if they are. */
export const unchecked: string | null =
  findPython() === null
    ? 'no Python with the package onnx: install python3-onnx, or name one in LAPYRA_PYTHON'
    : null;

const SCRIPT = `
import json, onnx, sys
from onnx import shape_inference
for path in sys.argv[1:]:
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    stated = {value.name: value for value in model.graph.value_info}
    # Shapes from the inputs alone, to compare with the stated ones.
    bare = onnx.ModelProto(); bare.CopyFrom(model); del bare.graph.value_info[:]
    inferred = shape_inference.infer_shapes(bare, check_type=True, strict_mode=True, data_prop=True)
    sizes = lambda value: [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]
    kind = lambda value: value.type.tensor_type.elem_type
    compared = 0
    for value in inferred.graph.value_info:
        said = stated.get(value.name)
        if said is None or not value.type.tensor_type.HasField('shape'): continue
        assert kind(said) == kind(value), (value.name, kind(said), kind(value))
        assert len(sizes(said)) == len(sizes(value)), (value.name, sizes(said), sizes(value))
        for a, b in zip(sizes(said), sizes(value)):
            if isinstance(a, int) and isinstance(b, int) and b > 0: assert a == b, (value.name, sizes(said), sizes(value))
        compared += 1
    made = [name for node in model.graph.node if node.domain == '' for name in node.output]
    named = set(stated) | {value.name for value in model.graph.output}
    assert all(name in named for name in made), 'values without a shape'
    print(json.dumps({'nodes': len(model.graph.node), 'compared': compared, 'domains': [o.domain for o in model.opset_import]}))
`;

/** What the checker saw of a file that it accepts. */
export interface CheckedFile {
  readonly nodes: number;
  /** Values whose stated shape and type were compared with those that the checker infers. */
  readonly compared: number;
  readonly domains: readonly string[];
}

/**
 * Check files with `onnx.checker` and strict shape inference, and compare each stated shape with the inferred one.
 *
 * @throws {Error} what the checker says of a file that it refuses
 */
export function checkOnnx(files: readonly Uint8Array[]): CheckedFile[] {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-onnx-'));
  try {
    const paths = files.map((bytes, i) => {
      const path = join(folder, `${i}.onnx`);
      writeFileSync(path, bytes);
      return path;
    });
    const said = execFileSync(findPython() ?? 'python3', ['-c', SCRIPT, ...paths], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return said
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as CheckedFile);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function findPython(): string | null {
  const given = process.env['LAPYRA_PYTHON'];
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
