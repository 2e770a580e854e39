// Trains a small network from places to colours: forward pass, gradients and Adam are one graph on ONNX Runtime.
import '@lapyra/tfjs-onnx/gradients';
import { compile } from '@lapyra/tfjs-onnx';
import * as tf from '@tensorflow/tfjs-core';

const WAVES = 32;
const UNITS = 64;
/** Sizes of the weights; each has two averages of its gradient beside it, for Adam. */
const WEIGHTS = {
  w1: [2 * WAVES, UNITS],
  b1: [UNITS],
  w2: [UNITS, UNITS],
  b2: [UNITS],
  w3: [UNITS, 3],
  b3: [3],
};
const NAMES = Object.keys(WEIGHTS);
const STATE = NAMES.flatMap((name) => [name, `${name}.m`, `${name}.v`]);

/** Colours in 0…1 [N, 3] of places [N, 2·WAVES]. */
function paint(x, [w1, b1, w2, b2, w3, b3]) {
  const first = tf.relu(tf.add(tf.matMul(x, w1), b1));
  const second = tf.relu(tf.add(tf.matMul(first, w2), b2));
  return tf.sigmoid(tf.add(tf.matMul(second, w3), b3));
}

/** One step of Adam. Tensors come in and go out by name; nothing is kept in between. */
function learn({ x, y, rate, ...state }) {
  const loss = (...weights) => tf.mean(tf.squaredDifference(paint(x, weights), y));
  const { value, grads } = tf.valueAndGrads(loss)(NAMES.map((name) => state[name]));
  const next = { loss: value };
  for (const [i, name] of NAMES.entries()) {
    const m = tf.add(tf.mul(state[`${name}.m`], 0.9), tf.mul(grads[i], 0.1));
    const v = tf.add(tf.mul(state[`${name}.v`], 0.99), tf.mul(tf.square(grads[i]), 0.01));
    next[name] = tf.sub(state[name], tf.mul(rate, tf.div(m, tf.add(tf.sqrt(v), 1e-8))));
    next[`${name}.m`] = m;
    next[`${name}.v`] = v;
  }
  return next;
}

async function train({ side, pixels, device, steps }) {
  const count = side * side;
  const float = (shape, data) => ({ dtype: 'float32', shape, data });
  const spec = (shape) => ({ dtype: 'float32', shape });
  const random = mulberry32(1);
  const x = float([count, 2 * WAVES], placesOf(side, random));
  const y = float([count, 3], coloursOf(pixels));
  const states = Object.fromEntries(STATE.map((name) => [name, spec(WEIGHTS[name.split('.')[0]])]));
  const weights = Object.fromEntries(NAMES.map((name) => [name, spec(WEIGHTS[name])]));

  const ort = await (device === 'webgpu'
    ? import('onnxruntime-web/webgpu')
    : import('onnxruntime-web/wasm'));
  const options = { executionProviders: [device] };
  const step = await compile(learn, {
    ort,
    inputs: { x: spec(x.shape), y: spec(y.shape), rate: spec([]), ...states },
    // On a graphics card the weights stay there from step to step.
    sessionOptions: {
      ...options,
      ...(device === 'webgpu' && {
        preferredOutputLocation: Object.fromEntries(STATE.map((name) => [name, 'gpu-buffer'])),
      }),
    },
  });
  const painter = await compile(
    ({ x: places, ...w }) => ({
      colours: paint(
        places,
        NAMES.map((n) => w[n]),
      ),
    }),
    {
      ort,
      inputs: { x: spec(x.shape), ...weights },
      sessionOptions: options,
    },
  );

  let state = Object.fromEntries(
    STATE.map((name) => {
      const shape = WEIGHTS[name.split('.')[0]];
      return [name, float(shape, initialOf(name, shape, random))];
    }),
  );
  for (let done = 1; done <= steps; done++) {
    const rate = 0.005 * Math.min(1, 2 - (2 * done) / steps) + 1e-5;
    const { loss, ...next } = await step.run({
      x,
      y,
      rate: float([], Float32Array.of(rate)),
      ...state,
    });
    for (const old of Object.values(state)) old.dispose?.(); // frees the memory of a graphics card
    state = next;
    if (done % 10 > 0 && done !== steps) continue;
    const wanted = Object.fromEntries(NAMES.map((name) => [name, state[name]]));
    const { colours } = await painter.run({ x, ...wanted });
    self.postMessage({ step: done, loss: loss.data[0], pixels: pixelsOf(colours.data) });
  }
  await step.dispose();
  await painter.dispose();
}

/** Waves of random direction and length over the picture: from them a network learns edges faster than from x and y. */
function placesOf(side, random) {
  const waves = Array.from({ length: WAVES }, () => [12 * (random() - 0.5), 12 * (random() - 0.5)]);
  const places = new Float32Array(side * side * 2 * WAVES);
  for (let at = 0; at < side * side; at++)
    waves.forEach(([a, b], i) => {
      const angle = (Math.PI * (a * (at % side) + b * Math.floor(at / side))) / side;
      places[at * 2 * WAVES + i] = Math.sin(angle);
      places[at * 2 * WAVES + WAVES + i] = Math.cos(angle);
    });
  return places;
}

/** Uniform on ±√(6 ÷ inputs) for weights (He), 0 for the rest. */
function initialOf(name, shape, random) {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  if (!/^w\d$/.test(name)) return data;
  return data.map(() => (2 * random() - 1) * Math.sqrt(6 / shape[0]));
}

function coloursOf(pixels) {
  return Float32Array.from(
    { length: (pixels.length / 4) * 3 },
    (_, i) => pixels[Math.floor(i / 3) * 4 + (i % 3)] / 255,
  );
}

function pixelsOf(colours) {
  return Uint8ClampedArray.from({ length: (colours.length / 3) * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : colours[Math.floor(i / 4) * 3 + (i % 4)] * 255,
  );
}

/** A small random generator with a seed, so that the network learns alike each time (mulberry32, public domain). */
function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

self.addEventListener('message', ({ data }) => {
  train(data).catch((error) => self.postMessage({ error: String(error) }));
});
