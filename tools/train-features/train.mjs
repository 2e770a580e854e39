// Trains the classifier of @lapyra/features-cifar10 on CIFAR-10, on one thread, and writes its weights and its accuracy
// on the 10 000 test images. It can be stopped at any time and goes on from the last epoch.
//
//   npm run train:features [-- --epochs N] [--minutes N] [--fresh]
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { decodeSafetensors, encodeSafetensors, initialState } from '@lapyra/core';
import { centreCrops, randomCrops, readImages, shuffled } from './images.mjs';
import { measureAccuracy } from './measure-accuracy.mjs';
import { foldBatchNorm, trainingNet, trainingProgram } from './network.mjs';
import { encodeWeights } from './weights-file.mjs';

const { values } = parseArgs({
  options: {
    epochs: { type: 'string', default: '7' },
    minutes: { type: 'string', default: 'Infinity' },
    fresh: { type: 'boolean', default: false },
  },
});
const SEED = 1;
const SIDE = 28;
const settings = {
  epochs: Number(values.epochs),
  batch: 128,
  peak: 0.2,
  rise: 0.25,
  decay: 5e-4,
  smoothing: 0.1,
};
const shipped = (file) =>
  new URL(`../../plugins/features-cifar10/weights/${file}`, import.meta.url);
const checkpoint = join(
  process.env.LAPYRA_CACHE ?? join(homedir(), '.cache', 'lapyra'),
  'train-features.safetensors',
);

const started = performance.now();
const { train, test, classes } = await readImages();
const backend = await onnxruntimeCpu.plugin.create({}, undefined);
const engine = await backend.open({ threads: 1 });
const net = trainingNet(classes.length);
const { state: spec, program } = trainingProgram(net, {
  ...settings,
  classes: classes.length,
  side: SIDE,
});
const before = values.fresh ? null : readCheckpoint();
const state = await engine.open(before?.tensors ?? initialState(spec, SEED, 'features-cifar10'));
const compiled = await state.compile(program);
const perEpoch = Math.floor(train.labels.length / settings.batch);
let seconds = before?.seconds ?? 0;
let epoch = before?.epoch ?? 0;

for (; epoch < settings.epochs; epoch += 1) {
  if ((performance.now() - started) / 60_000 >= Number(values.minutes)) break;
  const begun = process.cpuUsage();
  const loss = await trainEpoch(epoch);
  const { user, system } = process.cpuUsage(begun);
  seconds += (user + system) / 1e6; // of the processor: others may be at work on it too
  writeCheckpoint(await state.read(), epoch + 1);
  console.log(
    `epoch ${epoch + 1} of ${settings.epochs}: loss ${loss.toFixed(3)}, ${Math.round(seconds)} s`,
  );
}
if (epoch === settings.epochs) {
  writeFileSync(shipped('cifar10.safetensors'), encodeWeights(foldBatchNorm(await state.read())));
  const accuracy = await measureAccuracy(engine, centreCrops(test, SIDE), test.labels, SIDE);
  const report = {
    accuracy: Number(accuracy.toFixed(4)),
    images: test.labels.length,
    size: SIDE,
    trainedOn: train.labels.length,
    seconds: Math.round(seconds),
    command: `npm run train:features -- --epochs ${settings.epochs}`,
  };
  writeFileSync(shipped('accuracy.json'), `${JSON.stringify(report, null, 2)}\n`);
  rmSync(checkpoint, { force: true });
  console.log(`accuracy on ${test.labels.length} test images: ${(accuracy * 100).toFixed(1)} %`);
} else {
  console.log(`stopped after epoch ${epoch}; the same command goes on from there`);
}
await engine.dispose();

async function trainEpoch(at) {
  const order = shuffled(train.labels.length, SEED, at);
  let sum = 0;
  for (let b = 0; b < perEpoch; b += 1) {
    const step = at * perEpoch + b;
    const indices = order.subarray(b * settings.batch, (b + 1) * settings.batch);
    const pixels = randomCrops(train, indices, SIDE, SEED, 'crops', step);
    const labels = Int32Array.from(indices, (index) => train.labels[index]);
    const { loss, finite } = await compiled.run({
      pixels: { dtype: 'uint8', shape: [settings.batch, SIDE, SIDE, 3], data: pixels },
      labels: { dtype: 'int32', shape: [settings.batch], data: labels },
      rate: { dtype: 'float32', shape: [], data: Float32Array.of(rateAt(step)) },
    });
    if (finite.data[0] !== 1) throw new Error(`step ${step}: the loss is no longer finite.`);
    sum += loss.data[0];
  }
  return sum / perEpoch;
}

/** A straight line up to the peak, then one down to 0. */
function rateAt(step) {
  const steps = settings.epochs * perEpoch;
  const top = settings.rise * steps;
  return settings.peak * (step < top ? (step + 1) / top : (steps - step) / (steps - top));
}

function readCheckpoint() {
  if (!existsSync(checkpoint)) return null;
  const { tensors, metadata } = decodeSafetensors(readFileSync(checkpoint), checkpoint);
  if (metadata.settings !== JSON.stringify(settings))
    throw new Error(`${checkpoint} was made with other settings: give them, or --fresh.`);
  return { tensors, epoch: Number(metadata.epoch), seconds: Number(metadata.seconds) };
}

function writeCheckpoint(tensors, done) {
  mkdirSync(dirname(checkpoint), { recursive: true });
  const metadata = {
    settings: JSON.stringify(settings),
    epoch: String(done),
    seconds: String(seconds),
  };
  writeFileSync(`${checkpoint}.new`, Buffer.concat(encodeSafetensors(tensors, metadata)));
  renameSync(`${checkpoint}.new`, checkpoint);
}
