import { sameShape, type TensorType } from '../graph/graph.js';
import { broadcastShape, lowerElementwise, unaryKernel } from './elementwise.js';
import { defineKernel, operand, type Kernel } from './kernel.js';

const SELU_ALPHA = 1.7580993408473768 / 1.0507009873554805;
/** Takes the smallest normal float32 above 1. */
const LARGE = 3e38;
const SELU_SCALE = 1.0507009873554805;

const floats = { floats: true };

/** Activation functions of networks. */
export const activations: readonly Kernel[] = [
  unaryKernel('Relu', (l, x) => l.map('Relu', [x])),
  unaryKernel('Relu6', (l, x) => l.map('Clip', [x, l.scalar(0, x.dtype), l.scalar(6, x.dtype)])),
  unaryKernel('Sigmoid', (l, x) => l.map('Sigmoid', [x]), floats),
  unaryKernel('Softplus', (l, x) => l.map('Softplus', [x]), floats),
  unaryKernel('Elu', (l, x) => l.map('Elu', [x], { attrs: { alpha: { float: 1 } } }), floats),
  unaryKernel(
    'Selu',
    (l, x) =>
      l.map('Selu', [x], { attrs: { alpha: { float: SELU_ALPHA }, gamma: { float: SELU_SCALE } } }),
    floats,
  ),
  unaryKernel(
    'LeakyRelu',
    (l, x, node) =>
      l.map('LeakyRelu', [x], { attrs: { alpha: { float: Number(node.attrs['alpha']) } } }),
    { ...floats, dtype: () => 'float32' },
  ),
  unaryKernel('Step', (l, x, node) => {
    const alpha = Number(node.attrs['alpha'] ?? 0);
    // For the slope of leaky functions two passes of arithmetic are quicker than a comparison and a choice.
    if (alpha > 0 && alpha <= 1 && x.dtype === 'float32') {
      const steep = l.map('Mul', [x, l.scalar(LARGE, 'float32')]);
      return l.map('Clip', [steep, l.scalar(alpha, 'float32'), l.scalar(1, 'float32')]);
    }
    const positive = l.map('Greater', [x, l.scalar(0, x.dtype)], { dtype: 'bool' });
    if (alpha === 0) return l.cast(positive, x.dtype);
    return l.map('Where', [positive, l.scalar(1, x.dtype), l.scalar(alpha, x.dtype)], {
      dtype: x.dtype,
    });
  }),
  defineKernel({
    name: 'Prelu',
    infer: (call): TensorType => {
      const x = operand(call, 'x');
      return { shape: broadcastShape(x.shape, operand(call, 'alpha').shape), dtype: 'float32' };
    },
    lower: (node, l) => {
      lowerElementwise(node, l, [operand(node, 'x'), operand(node, 'alpha')], (given) => {
        const [x, alpha] = given.map((value) => l.cast(value, 'float32'));
        if (x === undefined || alpha === undefined) throw new Error('no operand');
        const scaled = l.map('Mul', [alpha, x]);
        if (!sameShape(scaled.shape, x.shape)) {
          const negative = l.map('Less', [x, l.scalar(0, 'float32')], { dtype: 'bool' });
          return l.map('Where', [negative, scaled, x], { dtype: 'float32' });
        }
        if (l.target !== 'cpu') return l.map('PRelu', [x, alpha]);
        // The runtime's own operator branches at every number: four passes without a branch take a quarter of its time.
        const below = l.map('Min', [x, l.scalar(0, 'float32')]);
        const above = l.map('Max', [x, l.scalar(0, 'float32')]);
        return l.map('Add', [above, l.map('Mul', [below, alpha])]);
      });
    },
  }),
  defineKernel({
    name: 'EluGrad',
    infer: (call): TensorType => operand(call, 'dy'),
    lower: (node, l) => {
      lowerElementwise(node, l, [operand(node, 'dy'), operand(node, 'y')], ([dy, y]) => {
        if (dy === undefined || y === undefined) throw new Error('no operand');
        const slope = l.map('Min', [
          l.map('Add', [y, l.scalar(1, 'float32')]),
          l.scalar(1, 'float32'),
        ]); // e^x below 0, 1 above
        return l.map('Mul', [dy, slope]);
      });
    },
  }),
];
