// Rules for operations that move elements or sum over them.
import { sameShape, sizeOf, type Value } from './graph.js';
import { groupedConvolution } from './group-convolutions.js';
import type { Candidate, Rewriter, Rule } from './rewriter.js';
import { shuffledPixels } from './shuffled-pixels.js';
import { splatOf, storedAs } from './splat.js';

/** Rules by kernel, tried in order. */
export const shapeRules: Readonly<Record<string, readonly Rule[]>> = {
  Identity: [({ inputs: { x } }) => x ?? null],
  ZerosLike: [
    ({ op, types: [type] }, rewriter) => (type === undefined ? null : rewriter.fill(op, type, 0)),
  ],
  OnesLike: [
    ({ op, types: [type] }, rewriter) => (type === undefined ? null : rewriter.fill(op, type, 1)),
  ],
  Reshape: [sameNumber, unchanged, reshapeOnce, shuffledPixels],
  ExpandDims: [asReshape],
  Transpose: [sameNumber, untransposed],
  Tile: [sameNumber, unchanged, tileAsBroadcast],
  BroadcastTo: [sameNumber, unchanged, broadcastOnce],
  Slice: [sameNumber, unchanged],
  Reverse: [sameNumber],
  PadV2: [unchanged],
  MirrorPad: [sameNumber, unchanged],
  Concat: [onlyPart, groupedConvolution],
  Sum: [sumOfNumber, sumOfNothing],
  Mean: [meanOfNumber, sumOfNothing],
  Max: [sameNumber, sumOfNothing],
  Min: [sameNumber, sumOfNothing],
};

/** Moving the elements of a tensor that is one number everywhere gives that number again. */
function sameNumber(
  { op, inputs: { x }, types: [type] }: Candidate,
  rewriter: Rewriter,
): Value | null {
  const number = x === undefined ? null : splatOf(x);
  if (number === null || type === undefined || type.dtype !== x?.dtype) return null;
  return rewriter.fill(op, type, number);
}

/** These kernels change nothing if they keep the shape. */
function unchanged({ inputs: { x }, types: [type] }: Candidate): Value | null {
  return x !== undefined && type !== undefined && sameShape(x.shape, type.shape) ? x : null;
}

function reshapeOnce(
  { op, inputs: { x }, types: [type] }: Candidate,
  rewriter: Rewriter,
): Value | null {
  if (x?.node.kernel !== 'Reshape' || type === undefined) return null;
  const source = x.node.inputs['x'];
  return source === undefined ? null : rewriter.reshape(op, source, type.shape);
}

function asReshape(
  { op, inputs: { input }, types: [type] }: Candidate,
  rewriter: Rewriter,
): Value | null {
  return input === undefined || type === undefined ? null : rewriter.reshape(op, input, type.shape);
}

function untransposed({ op, inputs: { x }, attrs }: Candidate, rewriter: Rewriter): Value | null {
  const perm = attrs['perm'] as readonly number[];
  if (perm.every((axis, i) => axis === i)) return x ?? null;
  if (x?.node.kernel !== 'Transpose') return null;
  const inner = x.node.attrs['perm'] as readonly number[];
  const source = x.node.inputs['x'];
  return source === undefined
    ? null
    : rewriter.add('Transpose', op, { x: source }, { perm: perm.map((axis) => inner[axis] ?? 0) });
}

function tileAsBroadcast(
  { op, inputs: { x }, attrs, types: [type] }: Candidate,
  rewriter: Rewriter,
): Value | null {
  const reps = attrs['reps'] as readonly number[];
  if (
    x === undefined ||
    type === undefined ||
    !reps.every((times, i) => times === 1 || x.shape[i] === 1)
  )
    return null;
  return rewriter.broadcast(op, x, type.shape);
}

function broadcastOnce(
  { op, inputs: { x }, types: [type] }: Candidate,
  rewriter: Rewriter,
): Value | null {
  const source = x?.node.kernel === 'BroadcastTo' ? x.node.inputs['x'] : undefined;
  return source === undefined || type === undefined
    ? null
    : rewriter.broadcast(op, source, type.shape);
}

function onlyPart({ inputs }: Candidate): Value | null {
  const parts = Object.values(inputs).filter(({ shape }) => sizeOf(shape) > 0);
  return parts.length === 1 ? (parts[0] ?? null) : null;
}

function sumOfNumber(
  { op, inputs: { x }, types: [type] }: Candidate,
  rewriter: Rewriter,
): Value | null {
  const number = x === undefined ? null : splatOf(x);
  if (x === undefined || number === null || type?.dtype !== x.dtype) return null;
  const terms = sizeOf(x.shape) / sizeOf(type.shape);
  return rewriter.fill(op, type, storedAs(type.dtype, number * terms));
}

function meanOfNumber(
  { op, inputs: { x }, types: [type] }: Candidate,
  rewriter: Rewriter,
): Value | null {
  const number = x === undefined ? null : splatOf(x);
  return number === null || type === undefined ? null : rewriter.fill(op, type, number);
}

/** Over axes of size 1 there is nothing to reduce. */
function sumOfNothing(
  { op, inputs: { x }, types: [type] }: Candidate,
  rewriter: Rewriter,
): Value | null {
  if (x === undefined || type?.dtype !== x.dtype || sizeOf(x.shape) !== sizeOf(type.shape))
    return null;
  return rewriter.reshape(op, x, type.shape);
}
