import { cifar10Features } from '@lapyra/features-cifar10';

const AT_ONCE = 500;

/** The part of some images uint8 [n, side, side, 3] that the shipped net tells right. */
export async function measureAccuracy(engine, pixels, labels, side) {
  const net = await cifar10Features.plugin.create({}, undefined);
  const { layer } = net.classifier;
  const state = await engine.open(net.weights);
  const shape = [AT_ONCE, side, side, 3];
  const judge = await state.compile({
    name: 'judge',
    reads: Object.keys(net.weights),
    writes: [],
    inputs: { pixels: { dtype: 'float32', shape } },
    outputs: { logits: 'float32' },
    run: (weights, inputs) => ({
      state: {},
      outputs: { logits: net.apply(weights, inputs.pixels, [layer])[layer] },
    }),
  });
  const image = side * side * 3;
  let right = 0;
  for (let from = 0; from < labels.length; from += AT_ONCE) {
    const data = Float32Array.from(pixels.subarray(from * image, (from + AT_ONCE) * image));
    const { logits } = await judge.run({ pixels: { dtype: 'float32', shape, data } });
    const width = logits.shape[1];
    for (let n = 0; n < AT_ONCE; n += 1) {
      const scores = logits.data.subarray(n * width, (n + 1) * width);
      if (scores.indexOf(Math.max(...scores)) === labels[from + n]) right += 1;
    }
  }
  await state.dispose();
  return right / labels.length;
}
