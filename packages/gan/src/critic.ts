import type { Critic, InputSpec } from '@lapyra/core';
import { inference, scoped } from '@lapyra/nn';
import type { AdversarialOptions } from './adversarial-options.js';
import type { Adversaries } from './adversaries.js';
import { networkInputs } from './network-inputs.js';
import type { Network } from './network.js';

/** The discriminator as what judges the level's images after training: running statistics, no dropout. */
export function critic(
  { place }: Pick<Adversaries, 'place'>,
  discriminator: Network,
  { loss }: Pick<AdversarialOptions, 'loss'>,
): Critic {
  const d = scoped('d.', discriminator);
  const inputs: Record<string, InputSpec> = {
    image: { dtype: 'float32', shape: [null, ...place.size, place.channels] },
    ...networkInputs(discriminator, place, {}),
  };
  return {
    loss,
    program: {
      name: 'critic',
      reads: Object.keys(d.state),
      writes: [],
      inputs,
      outputs: { logits: 'float32' },
      run: (state, given) => ({
        state: {},
        outputs: { logits: d.apply(state, given, inference) }, // [B, 1]
      }),
    },
  };
}
