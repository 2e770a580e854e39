import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import type { Value } from './graph.js';
import type { Candidate, Rewriter, Rule } from './rewriter.js';

const UNFUSED: Readonly<
  Record<string, readonly [kernel: string, operands: readonly [string, string]]>
> = {
  _FusedMatMul: ['BatchMatMul', ['a', 'b']],
  FusedConv2D: ['Conv2D', ['x', 'filter']],
  FusedDepthwiseConv2D: ['DepthwiseConv2dNative', ['x', 'filter']],
};

const ACTIVATIONS: Readonly<Record<string, string>> = {
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  prelu: 'Prelu',
  leakyrelu: 'LeakyRelu',
};

/** The rule that takes a fused kernel apart into product, bias and activation; null for other kernels. */
export function expandFused(kernel: string): Rule | null {
  const parts = UNFUSED[kernel];
  if (parts === undefined) return null;
  const [plain, operands] = parts;
  return (call, rewriter) => {
    const inputs = Object.fromEntries(
      operands.flatMap((name) =>
        call.inputs[name] === undefined ? [] : [[name, call.inputs[name]]],
      ),
    );
    const product = rewriter.add(plain, call.op, inputs as Record<string, Value>, call.attrs);
    const bias = perChannel(call, call.inputs['bias'], rewriter);
    const shifted =
      bias === undefined ? product : rewriter.add('Add', call.op, { a: product, b: bias });
    return activate(call, shifted, rewriter);
  };
}

/** The kernels that an activation of a fused kernel may name; throws for any other. */
export function fusedActivation(call: Pick<Candidate, 'kernel' | 'op' | 'attrs'>): string | null {
  const name = call.attrs['activation'];
  if (name === undefined || name === null || name === 'linear') return null;
  const kernel = ACTIVATIONS[String(name)];
  if (kernel !== undefined) return kernel;
  throw new TfjsOnnxError(
    'TFJS_ONNX_UNSUPPORTED_ATTRIBUTE',
    `"${call.op}" (kernel ${call.kernel}): expected an activation among linear, ${Object.keys(ACTIVATIONS).join(', ')}, got ${String(name)}.`,
  );
}

/** One number per channel, with its axis where the channels are. */
function perChannel(
  call: Candidate,
  values: Value | undefined,
  rewriter: Rewriter,
): Value | undefined {
  if (call.attrs['dataFormat'] !== 'NCHW' || values?.shape.length !== 1) return values;
  return rewriter.reshape(call.op, values, [values.shape[0] ?? 1, 1, 1]);
}

function activate(call: Candidate, x: Value, rewriter: Rewriter): Value {
  const activation = fusedActivation(call);
  if (activation === null) return x;
  const alpha = perChannel(call, call.inputs['preluActivationWeights'], rewriter);
  if (activation === 'Prelu' && alpha !== undefined)
    return rewriter.add('Prelu', call.op, { x, alpha });
  const attrs = activation === 'LeakyRelu' ? { alpha: call.attrs['leakyreluAlpha'] ?? 0.2 } : {};
  return rewriter.add(activation, call.op, { x }, attrs);
}
