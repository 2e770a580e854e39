// Some images of a batch, in the forms in which gradients of filters take them.
import type { Value } from '../graph/graph.js';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import { padAxis, toBlocks } from './blocked-layout.js';
import type { Lowering } from './lowering.js';
import { everyAlong } from './slice.js';

/** Some images; each form is made where it is asked for. */
export interface ImagesPart {
  /** [channels, images, height, width] */
  front(): OnnxValue;
  /** Channels in blocks, the last of them filled up with zeros: [images, channels, height, width]. */
  blocks(): OnnxValue;
}

/** Images `start` to before `end` of a value. */
export function partOfBatch(
  l: Lowering,
  value: Value,
  channelsLast: boolean,
  start: number,
  end: number,
): ImagesPart {
  const some = (x: OnnxValue): OnnxValue => everyAlong(l, x, 0, start, end - start, 1);
  return {
    front: () => {
      const layout = channelsLast ? l.layoutOf(value) : 'plain';
      const turned = channelsLast && layout === 'plain';
      return l.transpose(some(l.get(value, layout)), turned ? [3, 0, 1, 2] : [1, 0, 2, 3]);
    },
    // Of the whole batch, as the gradient of the image takes it, too.
    blocks: () => some(inBlocks(l, l.get(value, channelsLast ? 'nchw' : 'plain'))),
  };
}

/** Images that are given with their channels in front. */
export function partOfFront(l: Lowering, front: OnnxValue): ImagesPart {
  return { front: () => front, blocks: () => inBlocks(l, l.transpose(front, [1, 0, 2, 3])) };
}

function inBlocks(l: Lowering, images: OnnxValue): OnnxValue {
  const [, channels = 1] = images.shape;
  const filled = Math.ceil(channels / l.block) * l.block;
  return toBlocks(l, padAxis(l, images, 1, 0, filled - channels)).value;
}
