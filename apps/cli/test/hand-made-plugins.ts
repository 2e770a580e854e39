// Plugin packages that go wrong, written into a test project's own node_modules.
import type { TestProject } from './test-project.js';

export interface HandMadePackage {
  /** The field `lapyra` of its package.json; `null` for none. */
  readonly lapyra: { readonly contract: number; readonly plugins: Record<string, string> } | null;
  readonly code: string;
  readonly version?: string;
}

/** Install a package; the project has to be made with it among its dependencies. */
export function installHandMade(
  project: TestProject,
  name: string,
  { lapyra, code, version = '1.0.0' }: HandMadePackage,
): void {
  const manifest = { name, version, type: 'module', main: 'index.js', ...(lapyra && { lapyra }) };
  project.write(`node_modules/${name}/package.json`, JSON.stringify(manifest));
  project.write(`node_modules/${name}/index.js`, code);
}

/**
 * A refining level that draws u(coarse) + w·noise and learns nothing but the size of w. `fault` names what goes wrong:
 * `random` hides randomness in its training program, `exit` ends the process that compiles it, `set-up` throws when it is
 * made, `channels` claims another place than it was given, `sampler` declares an input that no pyramid has.
 */
export const FAULTY_LEVEL: HandMadePackage = {
  lapyra: { contract: 2, plugins: { faulty: 'level' } },
  code: `
import { definePlugin, plane } from '@lapyra/core';
import * as tf from '@tensorflow/tfjs-core';

const options = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } };

export const faulty = definePlugin({
  kind: 'level',
  use: 'faulty-level#faulty',
  summary: 'a level with a fault',
  options,
  create({ fault }, place) {
    if (fault === 'set-up') throw new Error('the wind blew');
    const noise = { z: plane(place.size) };
    const low = { dtype: 'float32', shape: [null, ...place.size, place.channels] };
    const z = { dtype: 'float32', shape: [null, ...place.size, 1] };
    return {
      place: fault === 'channels' ? { ...place, channels: 1 } : place,
      noise,
      output: 'band',
      sampler: {
        name: 'faulty sampler',
        reads: ['w'],
        writes: [],
        inputs: { low, 'noise.z': z, ...(fault === 'sampler' && { neighbour: low }) },
        outputs: { band: 'float32' },
        run: (state, inputs) => ({
          state: {},
          outputs: { band: tf.add(tf.mul(inputs.low, 0), tf.mul(state.w, inputs['noise.z'])) },
        }),
      },
      training: {
        kind: 'steps',
        state: { w: { shape: [], role: 'weight', initial: { fill: 0.1 } } },
        programs: [
          {
            name: 'step',
            draws: { real: { count: 4, of: ['band'] } },
            noise: {},
            random: {},
            scalars: [],
            reads: ['w'],
            writes: ['w'],
            outputs: ['loss', 'finite'],
            run(state, inputs) {
              if (fault === 'exit' && process.send) process.exit(7);
              const size = tf.mean(tf.abs(inputs['real.band']));
              const shaken = fault === 'random' ? tf.add(size, tf.mean(tf.randomUniform([3]))) : size;
              const w = tf.add(tf.mul(state.w, 0.9), tf.mul(shaken, 0.1));
              return { state: { w }, outputs: { loss: tf.sub(w, size), finite: tf.ones([]) } };
            },
          },
        ],
        scalars: {},
        samplerState: { w: 'w' },
      },
    };
  },
});
`,
};
