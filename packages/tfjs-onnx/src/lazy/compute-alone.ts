import {
  createNode,
  describeNode,
  inputsOf,
  type ConstantData,
  type Graph,
  type Node,
  type Value,
} from '../graph/graph.js';
import { simplify } from '../graph/simplify.js';
import { runError } from '../runtime-error.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import type { PendingGraph } from './pending-graph.js';
import type { ProgramCache } from './program-cache.js';
import { inputName, outputName, type SessionRunner } from './session-runner.js';
import { fill, inputValue, slotOf } from './slot.js';

/** What computing takes. */
export interface Machine {
  readonly cache: ProgramCache;
  readonly runner: SessionRunner;
}

type Result = ConstantData | TfjsOnnxError;

/**
 * Compute a graph that failed as a whole node by node: finds the operation at fault, and the values that do not hang on it.
 *
 * @returns how many nodes failed
 */
export async function computeAlone(
  { nodes, outputs }: PendingGraph,
  machine: Machine,
): Promise<number> {
  const results = new Map<Value, Result>();
  const resultOf = (value: Value): Result => {
    const known = results.get(value) ?? slotOf(value)?.data;
    if (known === undefined || known === null || Array.isArray(known))
      throw new Error('a value was read before it was computed');
    return known;
  };
  let failed = 0;
  for (const node of nodes) {
    const read = inputsOf(node).map(resultOf);
    const bad = read.find((result) => result instanceof TfjsOnnxError);
    const computed = bad ?? (await runNode(node, read as ConstantData[], machine));
    if (bad === undefined && computed instanceof TfjsOnnxError) failed += 1;
    node.outputs.forEach((value, i) =>
      results.set(
        value,
        computed instanceof TfjsOnnxError ? computed : (computed[i] ?? noResult()),
      ),
    );
  }
  for (const slot of outputs) {
    const result = slot.value === null ? noResult() : resultOf(slot.value);
    if (result instanceof TfjsOnnxError) slot.failure = result;
    else fill(slot, result);
  }
  return failed;
}

async function runNode(
  node: Node,
  data: readonly ConstantData[],
  { cache, runner }: Machine,
): Promise<readonly ConstantData[] | TfjsOnnxError> {
  try {
    const program = await cache.build(graphOfNode(node));
    try {
      const inputs = inputsOf(node).map(({ shape, dtype }, i) => ({
        ...{ shape, dtype },
        data: data[i] ?? noResult(),
      }));
      return await runner.start(program, inputs, node.outputs).done;
    } finally {
      await program.session.release();
    }
  } catch (cause) {
    return failureOf(node, cause);
  }
}

function graphOfNode(node: Node): Graph {
  const entries = Object.entries(node.inputs);
  const inputs = entries.map(([, { shape, dtype }]) => inputValue({ shape, dtype }));
  const read = Object.fromEntries(entries.map(([name], i) => [name, inputs[i] ?? noResult()]));
  const copy = createNode(node.kernel, node.op, read, node.attrs, node.outputs);
  return simplify({
    inputs: inputs.map((value, i) => ({ name: inputName(i), value, dtype: value.dtype })),
    nodes: [...inputs.map((value) => value.node), copy],
    outputs: copy.outputs.map((value, i) => ({ name: outputName(i), value, dtype: value.dtype })),
  });
}

function failureOf(node: Node, cause: unknown): TfjsOnnxError {
  const failure = TfjsOnnxError.is(cause) ? cause : runError(cause);
  const { code } = failure;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const noMemory = code === 'TFJS_ONNX_MEMORY';
  if (!noMemory && code !== 'TFJS_ONNX_RUNTIME') return failure;
  const operands = inputsOf(node).map(({ dtype, shape }) => `${dtype} [${shape.join(', ')}]`);
  const on = operands.length === 0 ? '' : ` on ${operands.join(' and ')}`;
  return new TfjsOnnxError(
    code,
    `${describeNode(node)}: ONNX Runtime could not compute it${on}: ${reason}`,
    {
      hint: noMemory
        ? 'Take smaller batches or fewer channels, and dispose what is not needed.'
        : 'Values that do not depend on it can still be read; for this one use other operations, or another execution provider.',
      cause,
    },
  );
}

function noResult(): never {
  throw new Error('a node gave fewer results than it has outputs');
}
