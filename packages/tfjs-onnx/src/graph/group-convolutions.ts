// tfjs has no grouped convolution, so programs write it as parts: split, convolve each part, join. ONNX has one operator for it.
import { sameShape, type Node, type Value } from './graph.js';
import { attrKey } from './attr-key.js';
import type { Candidate, Rewriter } from './rewriter.js';

/**
 * Kernels whose grouped form is faster than its parts, with their images. Gradients of filters are not among them: as products of shifted
 * copies, part by part, they take about half the time of one grouped convolution.
 */
const IMAGES: Readonly<Record<string, string>> = { Conv2D: 'x', Conv2DBackpropInput: 'dy' };
const CHANNELS = 3;

/**
 * Parts of an image, each convolved with a filter of its own and joined along the channels, become one convolution with groups; so does
 * the gradient of the image, which tfjs computes part by part as well.
 */
export function groupedConvolution(
  { kernel, op, inputs, attrs }: Candidate,
  rewriter: Rewriter,
): Value | null {
  const parts = Object.values(inputs);
  const [first] = parts;
  const rank = first?.shape.length ?? 0;
  const axis = attrs['axis'];
  if (kernel !== 'Concat' || parts.length < 2 || rank !== 4 || first === undefined) return null;
  if (axis !== CHANNELS && axis !== -1) return null;
  const calls = parts.map(({ node }) => node);
  const image = IMAGES[first.node.kernel];
  if (image === undefined || !calls.every((call) => alike(call, first.node))) return null;
  const images = wholeOf(calls.map((call) => call.inputs[image]));
  const filters = calls.map((call) => call.inputs['filter']);
  const filter = wholeOf(filters) ?? joined(filters, op, rewriter);
  if (images === null || filter === null) return null;
  const groups = parts.length;
  return rewriter.add(
    `Grouped${first.node.kernel}`,
    first.node.op,
    { [image]: images, filter },
    { ...wholeAttrs(first.node, groups), groups },
  );
}

function alike(call: Node, first: Node): boolean {
  return (
    call.kernel === first.kernel &&
    call.inputs['bias'] === undefined &&
    call.attrs['dataFormat'] !== 'NCHW' &&
    attrKey(call.attrs) === attrKey(first.attrs) &&
    Object.entries(first.inputs).every(([name, value]) =>
      sameShape(value.shape, call.inputs[name]?.shape ?? []),
    )
  );
}

/** The shape among the attributes is that of a part. */
function wholeAttrs({ attrs }: Node, groups: number): Record<string, unknown> {
  const { inputShape } = attrs;
  if (!Array.isArray(inputShape)) return attrs;
  const whole = (inputShape as readonly number[]).map((size, axis) =>
    axis === CHANNELS ? size * groups : size,
  );
  return { ...attrs, inputShape: whole };
}

/** The tensor that equal parts along the last axis were taken from, in order and with nothing left over. */
function wholeOf(parts: readonly (Value | undefined)[]): Value | null {
  const [first] = parts;
  const whole = first?.node.inputs['x'];
  const size = first?.shape[CHANNELS] ?? 0;
  if (first === undefined || whole === undefined || whole.shape[CHANNELS] !== size * parts.length)
    return null;
  const inOrder = parts.every((part, i) => {
    if (part === undefined || part.node.inputs['x'] !== whole) return false;
    if (!sameShape(part.shape, first.shape)) return false;
    return startOf(part) === i * size;
  });
  return inOrder ? whole : null;
}

/** Where a part begins along the last axis; null if it leaves out something along another. */
function startOf({ node, index, shape }: Value): number | null {
  const { kernel, attrs, outputs, inputs } = node;
  if (kernel === 'SplitV') {
    const axis = attrs['axis'];
    if (axis !== CHANNELS && axis !== -1) return null;
    return outputs.slice(0, index).reduce((sum, part) => sum + (part.shape[CHANNELS] ?? 0), 0);
  }
  if (kernel !== 'Slice') return null;
  const whole = inputs['x']?.shape ?? [];
  if (!sameShape(whole.slice(0, CHANNELS), shape.slice(0, CHANNELS))) return null;
  const { begin } = attrs;
  return Array.isArray(begin) ? ((begin as number[])[CHANNELS] ?? 0) : Number(begin);
}

function joined(
  parts: readonly (Value | undefined)[],
  op: string,
  rewriter: Rewriter,
): Value | null {
  const inputs: Record<string, Value> = {};
  for (const [i, part] of parts.entries()) {
    if (part === undefined) return null;
    inputs[i] = part;
  }
  return rewriter.add('Concat', op, inputs, { axis: CHANNELS });
}
