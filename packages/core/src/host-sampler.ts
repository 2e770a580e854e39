import type { WorkContext } from './host-training.js';
import type { HostSampler } from './level.js';
import type { TensorValue, TensorValues } from './tensor-value.js';

/** A sampler on the host that is a mere function, and opens nothing. */
export function hostSampler(
  sample: (state: TensorValues, inputs: TensorValues, work?: WorkContext) => Promise<TensorValue>,
): HostSampler {
  return {
    kind: 'host',
    open: async (state) => ({
      sample: (inputs, work) => sample(state, inputs, work),
      dispose: async () => undefined,
    }),
  };
}
