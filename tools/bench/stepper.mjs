// A process that trains one net on one backend: each line 'step' on standard input does one step and answers with its
// milliseconds; 'host' makes the inputs of one step from real images; 'memory' answers with the peak resident memory in
// bytes. The first line is the time to get ready.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { initialState, randomStream, whiteningTensors } from '@lapyra/core';
import * as levels from '@lapyra/level-adversarial';
import { composeStep, createStepInputs } from '@lapyra/training';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { openFixtureStore } from './fixture-store.mjs';
import { NETS } from './nets.mjs';

const [backendUse, name, threads] = process.argv.slice(2);
const started = performance.now();
const net = NETS[name];
const sizes = net.sizes.map((side) => [side, side]);
const { create: createTransform } = boxBilinear.plugin;
const transform = await createTransform({}, undefined);
const place = {
  size: sizes[net.index],
  coarse: sizes[net.index - 1] ?? null,
  channels: 3,
  condition: { kind: 'none' },
  transform: transform.plain.id,
};
const { plugin } = levels[net.model];
const level = await plugin.create(
  (await plugin.options['~standard'].validate(net.options)).value,
  place,
);
const { training } = level;

const [packageName, exportName] = backendUse.split('#');
const backend = await (await import(packageName))[exportName].plugin.create({}, undefined);
const engine = await backend.open({ threads: Number(threads) });
const whitening = {
  kind: 'channel',
  shape: [1, 1, 1, 3],
  mean: Float32Array.of(125, 123, 114),
  scale: Float32Array.of(63, 62, 67),
};
const state = await engine.open({
  ...initialState(training.state, 1, 'bench'),
  ...whiteningTensors(whitening),
});
const program = composeStep(training.programs[0], training, {
  level,
  transform: transform.tensor,
  sizes,
  index: net.index,
});
const compiled = await state.compile(program);
const inputs = Object.fromEntries(
  Object.entries(program.inputs).map(([key, { shape, dtype }]) => {
    const count = shape.reduce((a, b) => a * b, 1);
    const stream = randomStream(1, key);
    if (dtype === 'uint8')
      return [key, { shape, dtype, data: Uint8Array.from(stream.integers(count, 256)) }];
    if (key in training.scalars) {
      const value = training.scalars[key].at({ step: 0, steps: 1000, images: 45_000 });
      return [key, { shape, dtype, data: Float32Array.of(value) }];
    }
    const mask = training.programs[0].random[key]?.distribution.keep;
    const data = mask ? stream.keep(count, mask) : stream.uniform(count, -1, 1);
    return [key, { shape, dtype, data }];
  }),
);
const { store, close } = await openFixtureStore();
const job = { sizes, flip: true, seed: 1, steps: 1000 };
const host = sizes.at(-1)[0] <= 32 ? createStepInputs({ level, training, store, job }) : null;
let made = 0;
console.log(performance.now() - started);

for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'memory') {
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
    console.log(peak ? Number(peak[1]) * 1024 : process.resourceUsage().maxRSS * 1024);
    continue;
  }
  const before = performance.now();
  if (line === 'host') {
    host.of(training.programs[0], made, 0, 1);
    made += 1;
    console.log(performance.now() - before);
    continue;
  }
  await compiled.run(inputs, { read: ['d', 'g'] });
  console.log(performance.now() - before);
}
close();
await state.dispose();
await engine.dispose();
