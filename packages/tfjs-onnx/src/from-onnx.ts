import { type NamedTensorMap, tensor, Tensor, tidy } from '@tensorflow/tfjs-core';
import { sameShape, type BorderDType } from './graph/graph.js';
import type { HostTensor } from './host-tensor.js';
import { readModel, typeName, type OnnxCall, type StoredBorder, type StoredModel } from './import/onnx-file.js'; // prettier-ignore
import {
  asTensor,
  describeCall,
  RunningCall,
  type HostNumbers,
  type ImportedValue,
} from './import/operator.js';
import { findOperator } from './import/operators.js';
import { hostOf } from './import/shapes.js';
import type { InputSpec } from './tensor-function.js';
import { TfjsOnnxError } from './tfjs-onnx-error.js';

/** Operator sets of ONNX that can be read. */
const OPSETS = { first: 7, last: 21 } as const;

/** A network that was read from an ONNX file, as a function of tensors. */
export interface ImportedModel {
  /** Name of the graph in the file. */
  readonly name: string;
  /** Shapes as the file has them, images [B, C, H, W]; `null` for sizes that it leaves open. */
  readonly inputs: Readonly<Record<string, InputSpec>>;
  readonly outputs: Readonly<Record<string, InputSpec>>;
  /** Trained numbers by their names in the file, as far as they are tensors and not settings such as shapes. */
  readonly weights: Readonly<Record<string, HostTensor>>;
  /**
   * Compute all outputs by tfjs operations, on any backend, in a trace, and with gradients to inputs and weights.
   *
   * @param weights all of {@link weights}: tensors, or the host's numbers, which then are constants
   * @param inputs all of {@link inputs}
   * @throws {TfjsOnnxError} `TFJS_ONNX_BAD_INPUT` for a tensor that is missing or of another shape
   */
  run(
    weights: Readonly<Record<string, Tensor | HostTensor>>,
    inputs: Readonly<Record<string, Tensor>>,
  ): Record<string, Tensor>;
}

/**
 * Read a network from an ONNX file, as a program of tfjs operations that can be differentiated.
 *
 * Shapes are the file's own: images are [B, C, H, W]. When the program is compiled, that costs no transposes beside convolutions.
 *
 * @param file operator sets 7 to 21, weights inside
 * @throws {TfjsOnnxError} `TFJS_ONNX_FILE` for bytes that are no ONNX file, are cut off or lack their weights;
 * `TFJS_ONNX_UNSUPPORTED_OPERATOR` naming all operators and attributes at once that cannot be read, with their nodes
 */
export function fromOnnx(file: Uint8Array): ImportedModel {
  const model = read(file);
  const opset = checkOpsets(model);
  refuseUnreadable(model.calls, opset);
  checkWiring(model);
  const stored = new Map(model.stored.map((entry) => [entry.name, entry]));
  const { asTensors, asSettings } = usesOf(model);
  const weights: Record<string, HostTensor> = {};
  const settings = new Map<string, HostNumbers>();
  for (const entry of model.stored) {
    const { name, shape, dtype, data } = entry;
    if (dtype === 'float32' && asTensors.has(name))
      weights[name] = { shape, dtype, data: data as Float32Array };
    if (asSettings.has(name) || dtype !== 'float32') settings.set(name, hostOf(entry));
  }
  const inputs = specsOf(model.inputs.filter(({ name }) => !stored.has(name)), 'input'); // prettier-ignore
  const outputs = specsOf(model.outputs, 'output');
  return {
    name: model.name,
    inputs,
    outputs,
    weights,
    run: (givenWeights, givenInputs) =>
      tidy(() => {
        const values = new Map<string, ImportedValue>(settings);
        for (const [name, weight] of Object.entries(weights))
          values.set(name, checkedWeight(name, weight, givenWeights[name]));
        for (const [name, spec] of Object.entries(inputs))
          values.set(name, checkedInput(name, spec, givenInputs[name]));
        const result: NamedTensorMap = {};
        for (const call of model.calls) {
          const results = tidy(
            scopeOf(call),
            () => runCall(call, opset, values, settings) as never,
          );
          (results as readonly ImportedValue[]).forEach((value, i) => {
            const name = call.outputs[i];
            if (name !== undefined && name !== '') values.set(name, value);
          });
        }
        for (const name of Object.keys(outputs)) result[name] = asTensor(values.get(name)!);
        return result;
      }),
  };
}

function read(file: Uint8Array): StoredModel {
  try {
    return readModel(file);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new TfjsOnnxError(
      'TFJS_ONNX_FILE',
      `fromOnnx: expected an ONNX file with its weights inside: ${cause.message}.`,
      {
        cause,
        hint: 'Weights in other files can be put inside by onnx.save of the Python package onnx; float16 and float64 by a conversion to float32.',
      },
    );
  }
}

function checkOpsets({ opsets }: StoredModel): number {
  const opset = opsets.get('');
  if (opset !== undefined && opset >= OPSETS.first && opset <= OPSETS.last) return opset;
  throw new TfjsOnnxError(
    'TFJS_ONNX_FILE',
    `fromOnnx: expected an operator set from ${OPSETS.first} to ${OPSETS.last}, got ${opset ?? 'none'}.`,
    { hint: 'Export again with another opset_version, or convert by onnx.version_converter.' },
  );
}

/** All that cannot be read, at once: whoever exports again wants to know everything. */
function refuseUnreadable(calls: readonly OnnxCall[], opset: number): void {
  const problems = new Map<string, string[]>();
  for (const call of calls) {
    const problem = problemOf(call, opset);
    if (problem === null) continue;
    const nodes = problems.get(problem) ?? [];
    problems.set(problem, nodes);
    nodes.push(`"${call.name === '' ? (call.outputs[0] ?? '') : call.name}"`);
  }
  if (problems.size === 0) return;
  const list = [...problems].map(([problem, nodes]) => `${problem} (${nodes.join(', ')})`);
  throw new TfjsOnnxError(
    'TFJS_ONNX_UNSUPPORTED_OPERATOR',
    `fromOnnx: expected operators that can be read, got ${list.join('; ')}.`,
    { hint: 'readableOperators() lists those that can. Cut the network before the others, or run the file by ONNX Runtime.' }, // prettier-ignore
  );
}

function problemOf(call: OnnxCall, opset: number): string | null {
  const { op, domain, attrs } = call;
  const operator = domain === '' ? findOperator(op) : undefined;
  if (operator === undefined) return domain === '' ? op : `${domain}.${op}`;
  const unknown = Object.keys(attrs).filter((name) => !operator.attrs.includes(name) || attrs[name] === null); // prettier-ignore
  if (unknown.length > 0) return `${op} with ${unknown.join(', ')}`;
  const refused = operator.refuses?.(call, opset) ?? null;
  return refused === null ? null : `${op} with ${refused}`;
}

function checkWiring({ calls, stored, inputs, outputs }: StoredModel): void {
  const known = new Set([...stored, ...inputs].map(({ name }) => name));
  const expect = (name: string, user: string): void => {
    if (name === '' || known.has(name)) return;
    throw new TfjsOnnxError(
      'TFJS_ONNX_FILE',
      `fromOnnx: ${user}: expected "${name}" to be made before, got no such value.`,
    );
  };
  for (const call of calls) {
    for (const name of call.inputs) expect(name, describeCall(call));
    for (const name of call.outputs) known.add(name);
  }
  for (const { name } of outputs) expect(name, 'output');
}

/** Names that some call reads as a tensor, and those that some call reads as a setting. */
function usesOf({ calls, outputs }: StoredModel): Record<'asTensors' | 'asSettings', Set<string>> {
  const asTensors = new Set(outputs.map(({ name }) => name));
  const asSettings = new Set<string>();
  for (const { op, inputs } of calls) {
    const settings = findOperator(op)?.settings ?? [];
    inputs.forEach((name, at) => (settings.includes(at) ? asSettings : asTensors).add(name));
  }
  return { asTensors, asSettings };
}

function runCall(
  call: OnnxCall,
  opset: number,
  values: ReadonlyMap<string, ImportedValue>,
  settings: ReadonlyMap<string, HostNumbers>,
): readonly ImportedValue[] {
  const operator = findOperator(call.op);
  if (operator === undefined) throw new Error(`no operator ${call.op}`);
  const given = call.inputs.map((name, at) => {
    if (name === '') return undefined;
    return (operator.settings?.includes(at) ? settings.get(name) : undefined) ?? values.get(name);
  });
  const results = operator.run(new RunningCall(call, opset, given));
  return isList(results) ? results : [results];
}

/** What the operations of a call are named after: its own name, without what would look like several scopes. */
function scopeOf({ name, op }: OnnxCall): string {
  return name === '' ? op : name.replace(/^\/+/, '');
}

function checkedWeight(
  name: string,
  { shape, data }: HostTensor,
  given: Tensor | HostTensor | undefined,
): Tensor {
  if (given !== undefined && given.dtype === 'float32' && sameShape(given.shape, shape))
    return given instanceof Tensor ? given : tensor(given.data as Float32Array, [...given.shape]);
  const got = given === undefined ? 'none' : `${given.dtype} [${given.shape.join(', ')}]`;
  throw new TfjsOnnxError(
    'TFJS_ONNX_BAD_INPUT',
    `weight "${name}": expected ${data.length} numbers float32 [${shape.join(', ')}], got ${got}.`,
  );
}

function checkedInput(name: string, spec: InputSpec, given: Tensor | undefined): Tensor {
  const fits =
    given !== undefined &&
    given.dtype === (spec.dtype === 'uint8' ? 'int32' : spec.dtype) &&
    given.rank === spec.shape.length &&
    spec.shape.every((size, axis) => size === null || size === given.shape[axis]);
  if (fits) return given;
  const wanted = spec.shape.map((size) => size ?? 'any').join(', ');
  const got = given === undefined ? 'none' : `${given.dtype} [${given.shape.join(', ')}]`;
  throw new TfjsOnnxError(
    'TFJS_ONNX_BAD_INPUT',
    `input "${name}": expected ${spec.dtype} [${wanted}], got ${got}.`,
  );
}

const BORDER_TYPES: Readonly<Record<number, BorderDType>> = { 1: 'float32', 6: 'int32' };

function specsOf(borders: readonly StoredBorder[], what: string): Record<string, InputSpec> {
  const specs: Record<string, InputSpec> = {};
  for (const { name, dtype, shape } of borders) {
    const type = BORDER_TYPES[dtype];
    if (type === undefined && what === 'input') {
      throw new TfjsOnnxError(
        'TFJS_ONNX_UNSUPPORTED_DTYPE',
        `${what} "${name}": expected float32 or int32, got ${typeName(dtype)}.`,
      );
    }
    if (shape === undefined && what === 'input') {
      throw new TfjsOnnxError('TFJS_ONNX_FILE', `input "${name}": expected a shape, got none.`);
    }
    specs[name] = { dtype: type ?? 'int32', shape: shape ?? [] };
  }
  return specs;
}

function isList(
  results: ImportedValue | readonly ImportedValue[],
): results is readonly ImportedValue[] {
  return Array.isArray(results);
}
