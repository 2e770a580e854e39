import { conditionWidth, LapyraError, type LevelPlace, sizeName, type Tensors } from '@lapyra/core';
import { leakyRelu, linear, type ModuleContext, sequential, type StateSpec } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';

/** What a network makes of the condition before it joins its maps; each network has one of its own. */
export interface TextPart {
  /** `text.linear.weight` [width, units], `text.linear.bias` [units]. */
  readonly state: StateSpec;
  readonly units: number;
  /** [B, width] → [B, units]. */
  apply(state: Tensors, condition: tf.Tensor, context: ModuleContext): tf.Tensor;
}

const PREFIX = 'text.';

/**
 * Vector [B, width], brought to a mean square of 1 whatever its scale was, → linear → leaky ReLU 0.2 → [B, units]. Source: Reed
 * et al. 2016, github.com/reedscot/icml2016, main_cls_int.lua, which takes the vectors as they are.
 *
 * @throws {LapyraError} `LAPYRA_LEVEL_PLACE` for a pyramid without a condition
 */
export function textPart({ condition, size }: LevelPlace, units: number, plugin: string): TextPart {
  const width = conditionWidth(condition);
  if (width === 0)
    throw new LapyraError(
      'LAPYRA_LEVEL_PLACE',
      `${plugin} at ${sizeName(size)}: expected a pyramid that is told a text or a vector, got the condition none.`,
      { hint: "Set condition to { text: … } with an encoder, or to 'embedding'." },
    );
  const module = sequential([
    ['linear', linear({ in: width, out: units })],
    ['act', leakyRelu(0.2)],
  ]);
  const own = (state: Tensors): Tensors =>
    Object.fromEntries(Object.keys(module.state).map((name) => [name, state[PREFIX + name]!]));
  return {
    units,
    state: Object.fromEntries(
      Object.entries(module.state).map(([name, tensor]) => [PREFIX + name, tensor]),
    ),
    apply: (state, given, context) => module.apply(own(state), unitSquare(given), context),
  };
}

/** x / √(mean(x²)) of each row; a vector of zeros stays one. */
function unitSquare(x: tf.Tensor): tf.Tensor {
  const square = tf.mean(tf.square(x), [1], true); // [B, 1]
  return tf.mul(x, tf.rsqrt(tf.add(square, 1e-12)));
}

/** The same vector at every position, behind the planes of a map: [B, h, w, C] and [B, units] → [B, h, w, C + units]. */
export function depthConcat(map: tf.Tensor, vector: tf.Tensor): tf.Tensor {
  const [batch = 0, height = 0, width = 0] = map.shape;
  const units = vector.shape[1] ?? 0;
  const spread = tf.tile(tf.reshape(vector, [batch, 1, 1, units]), [1, height, width, 1]);
  return tf.concat([map, spread], 3);
}
