// Convolutional networks that see the class as a plane of their own, in the order of the authors' code.
import type { Network } from '@lapyra/gan';
import {
  type Module,
  type NoisePlanes,
  partsThrough,
  scoped,
  withoutPrefix,
  withPrefix,
} from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';

/**
 * Noise, class and colours [B, H, W, noise + 1 + C] → what `body` makes of them. What is learnt of the noise stands behind
 * `noise.`, the plane behind `class.`.
 */
export function toldGenerator(body: Module, plane: Module, noise: NoisePlanes): Network {
  const told = scoped('class.', plane);
  return {
    state: { ...body.state, ...told.state, ...withPrefix('noise.', noise.state) },
    masks: (batch) => body.masks(batch),
    wants: ['low', 'condition'],
    apply: (state, inputs, context) => {
      const drawn = noise.apply(withoutPrefix('noise.', state), inputs);
      const own = told.apply(state, inputs['condition']!, context); // [B, H, W, 1]
      const planes = [...(drawn ? [drawn] : []), own, inputs['low']!];
      return body.apply(state, tf.concat(planes, 3), context);
    },
    ...partsThrough(body, (part) => toldGenerator(part, plane, noise)),
  };
}

/** Colours and class [B, H, W, C + 1] → what `body` makes of them. The plane's state stands behind `class.`. */
export function toldDiscriminator(body: Module, plane: Module): Network {
  const told = scoped('class.', plane);
  return {
    state: { ...body.state, ...told.state },
    masks: (batch) => body.masks(batch),
    wants: ['condition'],
    apply: (state, inputs, context) => {
      const own = told.apply(state, inputs['condition']!, context); // [B, H, W, 1]
      return body.apply(state, tf.concat([inputs['image']!, own], 3), context);
    },
    ...partsThrough(body, (part) => toldDiscriminator(part, plane)),
  };
}
