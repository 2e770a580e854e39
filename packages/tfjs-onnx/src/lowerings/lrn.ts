import { sizeOf, type TensorType } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';
import type { Lowering } from './lowering.js';

interface LrnAttrs {
  /** How many channels on either side count. */
  readonly depthRadius: number;
  readonly bias: number;
  readonly alpha: number;
  readonly beta: number;
}

/** Local response normalisation across channels, y = x · N^(−β) with N = bias + α · Σ x² over near channels, and its gradient. */
export const localResponses: readonly Kernel[] = [
  defineKernel<LrnAttrs>({
    name: 'LRN',
    infer: (call): TensorType => operand(call, 'x'),
    lower: (node, l) => {
      const x = l.plain(operand(node, 'x'));
      const scale = power(l, norm(l, x, node.attrs), -node.attrs.beta);
      l.set(result(node), l.map('Mul', [x, scale]));
    },
    flop: lrnFlop,
  }),
  defineKernel<LrnAttrs>({
    // dx = dy · N^(−β) − 2αβ · x · Σ dy · y / N over near channels
    name: 'LRNGrad',
    infer: (call): TensorType => operand(call, 'x'),
    lower: (node, l) => {
      const { alpha, beta, depthRadius } = node.attrs;
      const [x, y, dy] = ['x', 'y', 'dy'].map((name) => l.plain(operand(node, name)));
      if (x === undefined || y === undefined || dy === undefined) throw new Error('no operand');
      const n = norm(l, x, node.attrs);
      const direct = l.map('Mul', [dy, power(l, n, -beta)]);
      const shares = nearChannels(l, l.map('Div', [l.map('Mul', [dy, y]), n]), depthRadius);
      const factor = l.scalar(2 * alpha * beta, 'float32');
      l.set(
        result(node),
        l.map('Sub', [direct, l.map('Mul', [factor, l.map('Mul', [x, shares])])]),
      );
    },
    flop: (node) => 2 * lrnFlop(node),
  }),
];

function norm(l: Lowering, x: OnnxValue, { depthRadius, bias, alpha }: LrnAttrs): OnnxValue {
  const squares = nearChannels(l, l.map('Mul', [x, x]), depthRadius);
  return l.map('Add', [
    l.scalar(bias, 'float32'),
    l.map('Mul', [l.scalar(alpha, 'float32'), squares]),
  ]);
}

function power(l: Lowering, x: OnnxValue, exponent: number): OnnxValue {
  return l.map('Pow', [x, l.scalar(exponent, 'float32')]);
}

/** For each channel the sum over those at most `radius` away, as a product with a band of ones. */
function nearChannels(l: Lowering, x: OnnxValue, radius: number): OnnxValue {
  const channels = x.shape.at(-1) ?? 1;
  const band = new Float32Array(channels * channels).map((_, i) =>
    Math.abs(Math.floor(i / channels) - (i % channels)) <= radius ? 1 : 0,
  );
  return l.emit('MatMul', [x, l.constant([channels, channels], 'float32', band)], {}, x);
}

function lrnFlop(node: { readonly inputs: Parameters<typeof operand>[0]['inputs'] }): number {
  const shape = node.inputs['x']?.shape ?? [];
  return (2 * (shape.at(-1) ?? 1) + 4) * sizeOf(shape);
}
