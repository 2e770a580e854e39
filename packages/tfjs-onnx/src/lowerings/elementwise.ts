import { backend_util } from '@tensorflow/tfjs-core';
import type { DType, Node, TensorType, Value } from '../graph/graph.js';
import { splatOf } from '../graph/splat.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { defineKernel, operand, result, type Kernel } from './kernel.js';
import { perAxisIn, type Layout, type Lowering } from './lowering.js';

/**
 * Lower an operation that works element by element with broadcasting, in whatever layout its operands are.
 *
 * @param compute gets the operands, aligned with each other, and gives a value of the result's shape in the same layout
 */
export function lowerElementwise(
  node: Node,
  lowering: Lowering,
  operands: readonly Value[],
  compute: (operands: OnnxValue[], layout: Layout) => OnnxValue,
): void {
  const out = result(node);
  const layout = out.shape.length === 4 ? lowering.commonLayout(operands) : 'plain';
  const aligned = operands.map((value) => alignedOperand(value, lowering, layout));
  const shape = perAxisIn(layout, out.shape);
  lowering.set(out, lowering.expand(compute(aligned, layout), shape), layout);
}

function alignedOperand(value: Value, lowering: Lowering, layout: Layout): OnnxValue {
  const splat = splatOf(value);
  if (splat !== null) return lowering.scalar(splat, value.dtype);
  if (layout === 'plain' || value.shape.length === 0) return lowering.plain(value);
  if (value.shape.length === 4) return lowering.nchw(value);
  // A shorter shape stands for the last axes: give it its leading ones, so that its axes can be reordered too.
  const padded = [...new Array<number>(4 - value.shape.length).fill(1), ...value.shape];
  const [, height, width] = padded;
  if (height === 1 && width === 1)
    return lowering.reshape(lowering.plain(value), perAxisIn('nchw', padded));
  return lowering.transpose(lowering.reshape(lowering.plain(value), padded), [0, 3, 1, 2]);
}

/** The broadcast shape of two shapes. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  return backend_util.assertAndGetBroadcastShape([...a], [...b]);
}

interface ElementwiseOptions {
  /** The result's type, from that of the first operand; the same if not given. */
  readonly dtype?: (first: DType) => DType;
  /** Hand bool operands to `compute` as they are. */
  readonly bools?: boolean;
  /** Hand all operands to `compute` as float32: ONNX has the function for no other type. */
  readonly floats?: boolean;
}

/** A kernel of one tensor `x` that keeps shape and type. `compute` sees numbers: bool operands come as int32. */
export function unaryKernel(
  name: string,
  compute: (lowering: Lowering, x: OnnxValue, node: Node) => OnnxValue,
  options: ElementwiseOptions = {},
): Kernel {
  const dtypeOf = options.dtype ?? ((dtype: DType) => dtype);
  return defineKernel({
    name,
    infer: (call): TensorType => {
      const x = operand(call, 'x');
      return { shape: x.shape, dtype: dtypeOf(x.dtype) };
    },
    lower: (node, lowering) => {
      lowerElementwise(node, lowering, [operand(node, 'x')], ([x]) => {
        if (x === undefined) throw new Error('no operand');
        return inTypeOf(
          result(node),
          lowering,
          compute(lowering, asOperand(lowering, x, options), node),
        );
      });
    },
  });
}

/** A kernel of two tensors `a` and `b` with broadcasting. `compute` sees numbers. */
export function binaryKernel(
  name: string,
  compute: (lowering: Lowering, a: OnnxValue, b: OnnxValue) => OnnxValue,
  options: ElementwiseOptions = {},
): Kernel {
  const dtypeOf = options.dtype ?? ((dtype: DType) => dtype);
  return defineKernel({
    name,
    infer: (call): TensorType => {
      const a = operand(call, 'a');
      const b = operand(call, 'b');
      return { shape: broadcastShape(a.shape, b.shape), dtype: dtypeOf(a.dtype) };
    },
    lower: (node, lowering) => {
      lowerElementwise(node, lowering, [operand(node, 'a'), operand(node, 'b')], ([a, b]) => {
        if (a === undefined || b === undefined) throw new Error('no operand');
        const [x, y] = [asOperand(lowering, a, options), asOperand(lowering, b, options)];
        return inTypeOf(result(node), lowering, compute(lowering, x, y));
      });
    },
  });
}

/** ONNX has no arithmetic on bool; tfjs counts true as 1. */
function asOperand(lowering: Lowering, x: OnnxValue, options: ElementwiseOptions): OnnxValue {
  if (options.floats === true) return lowering.cast(x, 'float32');
  return x.dtype === 'bool' && options.bools !== true ? lowering.cast(x, 'int32') : x;
}

function inTypeOf(value: Value, lowering: Lowering, x: OnnxValue): OnnxValue {
  return lowering.cast(x, value.dtype);
}
