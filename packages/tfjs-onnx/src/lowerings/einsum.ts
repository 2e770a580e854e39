import { backend_util, type Tensor } from '@tensorflow/tfjs-core';
import { sizeOf, type TensorType } from '../graph/graph.js';
import { checked, defineKernel, result, type Call, type Kernel } from './kernel.js';

interface EinsumAttrs {
  readonly equation: string;
}

/** Sums of products, written as an equation. */
export const einsums: readonly Kernel[] = [
  defineKernel<EinsumAttrs>({
    name: 'Einsum',
    infer: (call): TensorType => {
      const tensors = Object.values(call.inputs);
      checked(call, () => {
        const { allDims, idDims } = backend_util.decodeEinsumEquation(
          call.attrs.equation,
          tensors.length,
        );
        // tfjs's type asks for tensors where its function reads nothing but their shapes.
        backend_util.checkEinsumDimSizes(allDims.length, idDims, tensors as unknown as Tensor[]);
      });
      const sizes = axisSizes(call);
      const [, output = ''] = parts(call);
      return {
        shape: [...output].map((axis) => sizes.get(axis) ?? 1),
        dtype: tensors[0]?.dtype ?? 'float32',
      };
    },
    lower: (node, l) => {
      const values = Object.values(node.inputs).map((value) => l.plain(value));
      l.set(
        result(node),
        l.emit('Einsum', values, { equation: parts(node).join('->') }, result(node)),
      );
    },
    flop: (node) => 2 * sizeOf([...axisSizes(node).values()]),
  }),
];

function parts(call: Call<EinsumAttrs>): string[] {
  return call.attrs.equation.replaceAll(/\s/g, '').split('->');
}

function axisSizes(call: Call<EinsumAttrs>): Map<string, number> {
  const [inputs = ''] = parts(call);
  const terms = inputs.split(',');
  return new Map(
    Object.values(call.inputs).flatMap(({ shape }, i) =>
      [...(terms[i] ?? '')].map((axis, at): [string, number] => [axis, shape[at] ?? 1]),
    ),
  );
}
