import { describeNode, sizeOf, type TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import { broadcastShape } from './elementwise.js';
import { defineKernel, operand, result, type Call, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';

interface MatMulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

/** Products of matrices and of stacks of them. */
export const matMuls: readonly Kernel[] = [
  defineKernel<MatMulAttrs>({
    name: 'BatchMatMul',
    infer: (call): TensorType => {
      const a = operand(call, 'a');
      const b = operand(call, 'b');
      const rows = a.shape.at(call.attrs.transposeA ? -1 : -2) ?? 1;
      const columns = b.shape.at(call.attrs.transposeB ? -2 : -1) ?? 1;
      requireSameInner(call);
      return {
        shape: [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns],
        dtype: a.dtype,
      };
    },
    lower: (node, l) => {
      const out = result(node);
      const { transposeA, transposeB } = node.attrs;
      const [a, b] = [l.plain(operand(node, 'a')), l.plain(operand(node, 'b'))];
      if (out.shape.length === 2 && out.dtype === 'float32') {
        const { bias } = node.inputs; // put there by fuseBias
        if (l.target === 'webgpu' && out.shape[1] === 1 && !transposeA) {
          const dots = dotProducts(l, a, b);
          l.set(out, bias === undefined ? dots : l.map('Add', [dots, l.plain(bias)]));
          return;
        }
        const inputs = bias === undefined ? [a, b] : [a, b, l.plain(bias)];
        const attrs = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
        l.set(out, l.emit('Gemm', inputs, attrs, out));
        return;
      }
      l.set(out, l.emit('MatMul', [swapped(l, a, transposeA), swapped(l, b, transposeB)], {}, out));
    },
    flop: (node) => {
      const inner = operand(node, 'a').shape.at(node.attrs.transposeA ? -2 : -1) ?? 1;
      return 2 * inner * sizeOf(result(node).shape);
    },
  }),
];

/** Refuse matrices that do not fit; also those with a fused bias. */
export function requireSameInner(call: Call<MatMulAttrs>): void {
  const { transposeA, transposeB } = call.attrs;
  const [a, b] = [operand(call, 'a').shape, operand(call, 'b').shape];
  if (a.at(transposeA ? -2 : -1) === b.at(transposeB ? -1 : -2)) return;
  const flags =
    transposeA || transposeB ? ` with transposeA ${transposeA}, transposeB ${transposeB}` : '';
  throw new TfjsOnnxError(
    'TFJS_ONNX_BAD_INPUT',
    `${describeNode(call)}: expected matrices whose inner sizes agree, got [${a.join(', ')}] and [${b.join(', ')}]${flags}.`,
  );
}

/**
 * A matrix [rows, n] times one column [n]: on a card a group of threads for each row, where a product of matrices would give 32 rows to
 * each group.
 */
function dotProducts(l: Lowering, rows: OnnxValue, column: OnnxValue): OnnxValue {
  const [count = 1, length = 1] = rows.shape;
  const products = l.map('Mul', [rows, l.reshape(column, [1, length])]);
  const type = { shape: [count, 1], dtype: rows.dtype };
  return l.emit('ReduceSum', [products, l.ints([1])], { keepdims: 1 }, type);
}

function swapped(l: Lowering, x: OnnxValue, swap: boolean): OnnxValue {
  if (!swap) return x;
  const last = x.shape.length - 1;
  return l.transpose(
    x,
    x.shape.map((_, axis) => (axis === last ? last - 1 : axis === last - 1 ? last : axis)),
  );
}
