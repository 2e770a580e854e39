// A process that draws from a pyramid on ONNX Runtime. Each line of standard input is a command, as an array of JSON:
// ['draw', { batch, how }] draws as many images and answers with its milliseconds; how: 'levels' by sampleImages of levels with
// their state, 'fused' by the one exported file. The networks are untrained.
import { createInterface } from 'node:readline';
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { elementCount, initialState, randomStream, sizeName } from '@lapyra/core';
import { fusedPyramid } from '@lapyra/nn';
import { openTrainedLevel, sampleImages } from '@lapyra/sampling';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { openNet, WHITENING } from './open-net.mjs';

const [names, threads] = process.argv.slice(2);
const backend = await onnxruntimeCpu.plugin.create({}, undefined);
const engine = await backend.open({ threads: Number(threads) });
const transform = await boxBilinear.plugin.create({}, undefined);
const nets = [];
for (const name of JSON.parse(names)) nets.push((await openNet(name)).level);
const states = nets.map((level) => {
  const all = initialState(level.training.state, 1, 'bench');
  const { samplerState } = level.training;
  return Object.fromEntries(
    level.sampler.reads.map((name) => [name, all[samplerState[name] ?? name]]),
  );
});
const ways = { levels: openLevels, fused: openFused };
const opened = {};
let seed = 0;
console.log('true');
for await (const line of createInterface({ input: process.stdin })) {
  const [, { batch, how }] = JSON.parse(line);
  opened[how] ??= await ways[how]();
  seed += 1;
  const started = performance.now();
  await opened[how](batch, seed);
  console.log(JSON.stringify(performance.now() - started));
}
await engine.dispose();

async function openLevels() {
  const levels = await Promise.all(
    nets.map((level, at) => openTrainedLevel({ level, transform, engine, state: states[at] })),
  );
  return (count, from) => sampleImages(levels, { count, seed: from });
}

async function openFused() {
  const { program, slices } = fusedPyramid({
    levels: nets,
    transform: transform.tensor,
    whitening: WHITENING,
  });
  const state = Object.fromEntries(
    nets.flatMap((level, at) =>
      Object.entries(states[at]).map(([name, value]) => [
        `level-${sizeName(level.place.size)}.${name}`,
        value,
      ]),
    ),
  );
  const model = await engine.load(await engine.export(program, state));
  const width = slices.reduce((sum, { length }) => sum + length, 0);
  return async (count, from) => {
    const shape = [count, width];
    const data = randomStream(from, 'z').normal(elementCount(shape));
    return (await model.run({ z: { dtype: 'float32', shape, data } })).image;
  };
}
