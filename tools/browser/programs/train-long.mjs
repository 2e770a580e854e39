import { engine as tfjs } from '@tensorflow/tfjs-core';
import { decodeCifar10, openTraining } from './levels.mjs';

const heaps = [];
globalThis.WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(...given) {
    super(...given);
    heaps.push(this);
  }
};

/** Train a level for long, and say what is held after some of the steps: tensors of tfjs, and bytes. */
export async function trainLong(engine, { index, steps, looks, file }) {
  const training = await openTraining(engine, index, decodeCifar10(file), steps);
  const held = [];
  for (let step = 1; step <= steps; step++) {
    await training.step();
    if (looks.includes(step)) held.push(await look(step));
  }
  await training.dispose();
  return held;
}

async function look(step) {
  await globalThis.gc({ type: 'major', execution: 'async' });
  return {
    step,
    tensors: tfjs().state.numTensors,
    script: performance.memory.usedJSHeapSize,
    wasm: heaps.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
  };
}
