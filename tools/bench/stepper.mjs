// A process that trains one net on one backend. Each line of standard input is a command, as an array of JSON: 'step' does
// one step, 'host' makes the inputs of one from real images, 'whole' both, and each answers with its milliseconds;
// 'memory' answers with the peak of resident memory above the idle process in bytes, 'compiled' with the milliseconds of
// compiling, 'cost' with parameters and floating-point operations of a step, 'product' with the GFLOP/s of matrices.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { elementCount, initialState, whiteningTensors } from '@lapyra/core';
import { createStepInputs } from '@lapyra/training';
import '@lapyra/tfjs-onnx/gradients';
import { openFixtureStore } from './fixture-store.mjs';
import { openNet, WHITENING } from './open-net.mjs';
import { openProduct } from './product.mjs';
import { stepInputs } from './step-inputs.mjs';

const [backendUse, name, threads] = process.argv.slice(2);
const [packageName, exportName] = backendUse.split('#');
const backend = await (await import(packageName))[exportName].plugin.create({}, undefined);
const engine = await backend.open({ threads: Number(threads) });
const { level, sizes, program, composed } = await openNet(name);
const { training } = level;
await warmUp();
const idle = resident('VmRSS');

const state = await engine.open({
  ...initialState(training.state, 1, 'bench'),
  ...whiteningTensors(WHITENING),
});
const before = performance.now();
const compiled = await state.compile(composed);
const compileMs = performance.now() - before;
const inputs = stepInputs(level, program, composed);
let host = null;
let made = 0;
let product = null;
console.log('true');

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(...JSON.parse(line))));
}
host?.close();
await product?.dispose();
await state.dispose();
await engine.dispose();

async function answer(command, argument) {
  if (command === 'memory') return resident('VmHWM') - idle;
  if (command === 'compiled') return compileMs;
  if (command === 'cost') return cost();
  if (command === 'product') {
    product ??= await openProduct(argument, Number(threads));
    return product.gflops();
  }
  if (command !== 'step') host ??= await openHost();
  const started = performance.now();
  const given = command === 'step' ? inputs : host.inputs.of(program, made++, 0, 1);
  if (command !== 'host') await compiled.run(given);
  return performance.now() - started;
}

/** Loads what an engine loads at its first use: that is no part of what a net takes. */
async function warmUp() {
  const data = { dtype: 'float32', shape: [1], data: Float32Array.of(1) };
  const tiny = await engine.open({ x: data });
  const identity = await tiny.compile({
    name: 'idle',
    reads: ['x'],
    writes: ['x'],
    inputs: {},
    outputs: {},
    run: ({ x }) => ({ state: { x }, outputs: {} }),
  });
  await identity.run({});
  await tiny.dispose();
}

async function openHost() {
  const { store, close } = await openFixtureStore();
  const job = { sizes, flip: true, seed: 1, steps: 1000 };
  return { inputs: createStepInputs({ level, training, store, job }), close };
}

async function cost() {
  const values = { ...initialState(training.state, 1, 'bench'), ...whiteningTensors(WHITENING) };
  const { flop } = await engine.cost(composed, values);
  const weights = Object.values(training.state).filter(({ role }) => role === 'weight');
  return { parameters: weights.reduce((sum, { shape }) => sum + elementCount(shape), 0), flop };
}

function resident(field) {
  const found = new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'));
  return found ? Number(found[1]) * 1024 : process.resourceUsage().maxRSS * 1024;
}
