// Rules for operations that work element by element with broadcasting.
import { backend_util } from '@tensorflow/tfjs-core';
import { sameShape, type Value } from './graph.js';
import { operandsOf, type Candidate, type Rewriter, type Rule } from './rewriter.js';
import { splatOf, storedAs } from './splat.js';

const FOLDED: Readonly<Record<string, (...operands: number[]) => number>> = {
  Add: (a = 0, b = 0) => a + b,
  Sub: (a = 0, b = 0) => a - b,
  Multiply: (a = 0, b = 0) => a * b,
  RealDiv: (a = 0, b = 0) => a / b,
  Maximum: (a = 0, b = 0) => Math.max(a, b),
  Minimum: (a = 0, b = 0) => Math.min(a, b),
  Neg: (x = 0) => -x,
  Abs: (x = 0) => Math.abs(x),
  Square: (x = 0) => x * x,
  Sqrt: (x = 0) => Math.sqrt(x),
  Rsqrt: (x = 0) => 1 / Math.sqrt(x),
  Reciprocal: (x = 0) => 1 / x,
  Exp: (x = 0) => Math.exp(x),
  Log: (x = 0) => Math.log(x),
  Sign: (x = 0) => Math.sign(x),
};

const ELEMENTWISE: ReadonlySet<string> = new Set([
  ...Object.keys(FOLDED),
  ...[
    'AddN',
    'FloorDiv',
    'Mod',
    'Pow',
    'SquaredDifference',
    'Erf',
    'Log1p',
    'Expm1',
    'Cast',
    'Select',
  ],
  ...[
    'Sin',
    'Cos',
    'Tan',
    'Asin',
    'Acos',
    'Atan',
    'Sinh',
    'Cosh',
    'Tanh',
    'Asinh',
    'Acosh',
    'Atanh',
  ],
  ...[
    'Relu',
    'Relu6',
    'Sigmoid',
    'Softplus',
    'Elu',
    'Selu',
    'LeakyRelu',
    'Step',
    'Prelu',
    'EluGrad',
  ],
  ...['Floor', 'Ceil', 'Round', 'ClipByValue', 'IsNan', 'IsInf', 'IsFinite'],
  ...[
    'Equal',
    'NotEqual',
    'Greater',
    'GreaterEqual',
    'Less',
    'LessEqual',
    'LogicalAnd',
    'LogicalOr',
    'LogicalNot',
  ],
]);

/** Whether a kernel works element by element. */
export function isElementwise(kernel: string): boolean {
  return ELEMENTWISE.has(kernel);
}

/** Tried in this order. */
export const elementwiseRules: readonly Rule[] = [
  foldNumbers,
  dropNeutral,
  castOnce,
  stepOfRelu,
  chosenBranch,
  withoutRepetition,
];

/** Calculate once what is one number everywhere. */
function foldNumbers(call: Candidate, rewriter: Rewriter): Value | null {
  const fold = call.kernel === 'Cast' ? (x = 0): number => x : FOLDED[call.kernel];
  const type = call.types[0];
  const numbers = operandsOf(call).map(splatOf);
  if (fold === undefined || type === undefined || !numbers.every((number) => number !== null))
    return null;
  return rewriter.fill(call.op, type, storedAs(type.dtype, fold(...numbers)));
}

/** x + 0, x − 0, x · 1 and x / 1 are x. */
function dropNeutral(
  { kernel, op, inputs: { a, b }, types: [type] }: Candidate,
  rewriter: Rewriter,
): Value | null {
  const neutral = { Add: 0, Sub: 0, Multiply: 1, RealDiv: 1 }[kernel];
  if (neutral === undefined || a === undefined || b === undefined || type === undefined)
    return null;
  const swaps = kernel === 'Add' || kernel === 'Multiply';
  if (splatOf(b) === neutral && a.dtype === type.dtype)
    return rewriter.broadcast(op, a, type.shape);
  if (swaps && splatOf(a) === neutral && b.dtype === type.dtype)
    return rewriter.broadcast(op, b, type.shape);
  return null;
}

/** A cast to the same type is none, and −(−x) is x. */
function castOnce({ kernel, inputs: { x }, types: [type] }: Candidate): Value | null {
  if (x === undefined) return null;
  if (kernel === 'Cast') return x.dtype === type?.dtype ? x : null;
  return kernel === 'Neg' && x.node.kernel === 'Neg' ? (x.node.inputs['x'] ?? null) : null;
}

/** relu(x) is positive where x is: reading it instead frees x, so that the runtime can fuse relu into what comes before. */
function stepOfRelu(
  { kernel, op, inputs: { x }, attrs }: Candidate,
  rewriter: Rewriter,
): Value | null {
  if (kernel !== 'Step' || x === undefined || Number(attrs['alpha'] ?? 0) !== 0) return null;
  const relu = rewriter.find('Relu', { x }, {});
  return relu === undefined || relu === x ? null : rewriter.add('Step', op, { x: relu }, attrs);
}

/** A choice whose condition is known is one of its branches. */
function chosenBranch(
  { kernel, op, inputs, types: [type] }: Candidate,
  rewriter: Rewriter,
): Value | null {
  const { condition, t, e } = inputs;
  if (
    kernel !== 'Select' ||
    condition === undefined ||
    t === undefined ||
    e === undefined ||
    type === undefined
  )
    return null;
  const known = splatOf(condition);
  if (known === null) return null;
  const branch = known === 0 ? e : t;
  return branch.dtype === type.dtype ? rewriter.broadcast(op, branch, type.shape) : null;
}

/** Work on what is repeated before it is repeated. */
function withoutRepetition(call: Candidate, rewriter: Rewriter): Value | null {
  const type = call.types[0];
  if (type === undefined) return null;
  const compact = Object.fromEntries(
    Object.entries(call.inputs).map(([name, value]) => [name, compactOf(value, call, rewriter)]),
  );
  if (Object.entries(call.inputs).every(([name, value]) => compact[name] === value)) return null;
  const shapes = Object.values(compact).map(({ shape }) => [...shape]);
  const shape = shapes.reduce((a, b) => backend_util.assertAndGetBroadcastShape(a, b));
  if (sameShape(shape, type.shape)) return rewriter.add(call.kernel, call.op, compact, call.attrs);
  return rewriter.broadcast(
    call.op,
    rewriter.add(call.kernel, call.op, compact, call.attrs),
    type.shape,
  );
}

function compactOf(value: Value, call: Candidate, rewriter: Rewriter): Value {
  const number = splatOf(value);
  if (number !== null && value.shape.length > 0)
    return rewriter.fill(call.op, { shape: [], dtype: value.dtype }, number);
  return value.node.kernel === 'BroadcastTo' ? (value.node.inputs['x'] ?? value) : value;
}
