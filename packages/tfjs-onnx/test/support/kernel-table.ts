// The README's table of kernels, from the registry: which operators each kernel becomes, and for which element types ONNX Runtime takes them.
import type * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { supportedKernels, trace, type DType, type Graph } from '@lapyra/tfjs-onnx';
import { describeNode } from '../../src/graph/graph.js';
import { expandFused } from '../../src/graph/expand-fused.js';
import { simplify } from '../../src/graph/simplify.js';
import { encodeModel } from '../../src/onnx/encode-model.js';
import type { OnnxNode } from '../../src/onnx/onnx-graph.js';
import { lowerGraph } from '../../src/onnx/lower-graph.js';
import {
  KERNEL_NOTES,
  KERNEL_SAMPLES,
  SAMPLE_SHAPES,
  type SampleTensors,
} from './kernel-samples.js';

/** One row. */
export interface KernelRow {
  readonly kernel: string;
  readonly types: readonly DType[];
  readonly operators: readonly string[];
  readonly note: string;
}

const TYPES: readonly DType[] = ['float32', 'int32', 'bool'];

/** A row for each kernel that can be translated. */
export async function kernelRows(): Promise<KernelRow[]> {
  const rows: KernelRow[] = [];
  for (const kernel of supportedKernels()) {
    const types: DType[] = [];
    const operators = new Set<string>();
    for (const type of TYPES) {
      const found = await operatorsOf(kernel, type);
      if (found === null) continue;
      types.push(type);
      if (type === 'float32' || operators.size === 0) for (const name of found) operators.add(name);
    }
    rows.push({ kernel, types, operators: [...operators], note: KERNEL_NOTES[kernel] ?? '' });
  }
  return rows;
}

/** The operators that a kernel becomes; null if it does not take the type. */
async function operatorsOf(kernel: string, dtype: DType): Promise<string[] | null> {
  const sample = KERNEL_SAMPLES[kernel];
  if (sample === undefined) return null;
  let graph: Graph;
  try {
    graph = trace(
      (tensors) => {
        const made = sample(tensors as unknown as SampleTensors);
        const list: readonly tf.Tensor[] = Array.isArray(made) ? (made as tf.Tensor[]) : [made as tf.Tensor]; // prettier-ignore
        return Object.fromEntries(list.map((tensor, i) => [`y${i}`, tensor]));
      },
      {
        inputs: Object.fromEntries(
          Object.entries(SAMPLE_SHAPES).map(([name, shape]) => [
            name,
            { shape, dtype: name === 'i' ? ('int32' as const) : dtype },
          ]),
        ),
      },
    );
  } catch {
    return null;
  }
  const node = graph.nodes.find((call) => call.kernel === kernel);
  if (node === undefined) return null;
  const reads = Object.values(node.inputs);
  const takes = [...reads, ...node.outputs].some((value) => value.dtype === dtype);
  if (!takes) return null;
  const fused = expandFused(kernel) !== null;
  const whole = fused ? simplify(graph) : graph;
  let own: readonly OnnxNode[];
  try {
    const lowered = lowerGraph(whole, { anyBatch: false, target: 'portable' }).graph;
    const { inputs, outputs } = lowered;
    const session = await ort.InferenceSession.create(
      encodeModel(lowered, { name: kernel, inputs, outputs }),
      { logSeverityLevel: 4, intraOpNumThreads: 1, graphOptimizationLevel: 'disabled' },
    );
    await session.release();
    own = lowered.nodes.filter((call) => fused || call.source === describeNode(node));
  } catch {
    return null; // neither the translation nor the runtime has the type
  }
  return own.map(({ op }) => op).filter((op) => op !== 'Identity' || own.length === 1);
}

/** The table in Markdown, aligned as the formatter does. */
export function kernelTable(rows: readonly KernelRow[]): string {
  const cells = rows.map(({ kernel, types, operators, note }) => [
    `\`${kernel}\``,
    types.length === 0 ? '–' : types.join(', '),
    operators.length === 0 ? '–' : operators.join(', '),
    note,
  ]);
  const lines = [['kernel', 'element types', 'operators of ONNX', 'notes'], ...cells];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...lines.map((line) => line[at]!.length)));
  const row = (line: readonly string[], fill = ' '): string =>
    `| ${line.map((cell, at) => cell.padEnd(widths[at]!, fill)).join(' | ')} |`;
  const [head = [], ...body] = lines;
  return [row(head), row(['', '', '', ''], '-'), ...body.map((line) => row(line))].join('\n');
}
