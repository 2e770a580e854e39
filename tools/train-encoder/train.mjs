// Trains the character CNN-RNN of @lapyra/encoder-text on emoji images and their names, on one thread, and writes its
// weights, and how often it finds the right image for a name that is in no training text.
//
//   npm run train:encoder [-- --steps N]
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { encodeSafetensors, initialState, randomStream } from '@lapyra/core';
import { ALPHABET, LONGEST, oneHotText } from '@lapyra/encoder-text';
import { readEmojis } from './emojis.mjs';
import { jointTraining } from './network.mjs';
import { retrieval } from './retrieval.mjs';

const { values } = parseArgs({ options: { steps: { type: 'string', default: '2500' } } });
const SEED = 1;
const SIDE = 16;
const PAIRS = 48;
const steps = Number(values.steps);

const { train, test } = await readEmojis(SIDE);
const groups = [...new Set(train.map(({ group }) => group))];
const byGroup = new Map(groups.map((group) => [group, train.filter((one) => one.group === group)]));
const backend = await onnxruntimeCpu.plugin.create({}, undefined);
const engine = await backend.open({ threads: 1 });
const { state, program } = jointTraining({ side: SIDE, pairs: PAIRS });
const opened = await engine.open(initialState(state, SEED, 'encoder-text'));
const compiled = await opened.compile(program);
let running = 0;
for (let step = 0; step < steps; step += 1) {
  const { loss } = await compiled.run(inputsOf(step));
  running += loss.data[0];
  if (step % 250 === 249) {
    console.error(`step ${step + 1}: loss ${(running / 250).toFixed(4)}`);
    running = 0;
  }
}
const trained = await opened.read();
const found = await retrieval(engine, trained, test, SIDE);
const weights = Object.fromEntries(
  Object.entries(trained)
    .filter(([name]) => name.startsWith('text.'))
    .map(([name, value]) => [name.slice('text.'.length), value]),
);
const folder = new URL('../../plugins/encoder-text/weights/', import.meta.url);
mkdirSync(folder, { recursive: true });
const bytes = Buffer.concat(encodeSafetensors(weights, { steps: String(steps) }));
writeFileSync(new URL('emoji-names.safetensors', folder), bytes);
const measured = { steps, groups: groups.length, ...found };
writeFileSync(new URL('retrieval.json', folder), `${JSON.stringify(measured, null, 2)}\n`);
console.log(JSON.stringify(measured));
await engine.dispose();

/** A pair from each of some groups, one of its texts, and the rate, which falls in a straight line. */
function inputsOf(step) {
  const stream = randomStream(SEED, 'encoder-text', step);
  const chosen = new Set();
  while (chosen.size < PAIRS)
    for (const at of stream.integers(PAIRS, groups.length)) if (chosen.size < PAIRS) chosen.add(at);
  const pixels = new Float32Array(PAIRS * SIDE * SIDE * 3);
  const characters = new Float32Array(PAIRS * LONGEST * ALPHABET.length);
  const picks = stream.uniform(2 * PAIRS);
  [...chosen].forEach((group, row) => {
    const members = byGroup.get(groups[group]);
    const one = members[Math.floor(picks[2 * row] * members.length)];
    const text = one.texts[Math.floor(picks[2 * row + 1] * one.texts.length)];
    pixels.set(one.values, row * SIDE * SIDE * 3);
    characters.set(oneHotText(text), row * LONGEST * ALPHABET.length);
  });
  return {
    pixels: { dtype: 'float32', shape: [PAIRS, SIDE, SIDE, 3], data: pixels },
    characters: { dtype: 'float32', shape: [PAIRS, LONGEST, ALPHABET.length], data: characters },
    rate: {
      dtype: 'float32',
      shape: [],
      data: Float32Array.of(1e-3 * (1 - (0.95 * step) / steps)),
    },
  };
}
