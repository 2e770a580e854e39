import { cifar10Features } from '@lapyra/features-cifar10';

const SIDE = 28;
const AT_ONCE = 100;

/**
 * The classifier of `@lapyra/features-cifar10` as a function: from pixels uint8 [n, 28, 28, 3] to the index of the class that
 * each image looks like.
 *
 * @param engine of which the caller disposes
 */
export async function classTeller(engine) {
  const net = await cifar10Features.plugin.create({}, undefined);
  const { layer, classes } = net.classifier;
  const state = await engine.open(net.weights);
  const shape = [AT_ONCE, SIDE, SIDE, 3];
  const per = SIDE * SIDE * 3;
  const program = await state.compile({
    name: 'classify',
    reads: Object.keys(net.weights),
    writes: [],
    inputs: { pixels: { dtype: 'float32', shape } },
    outputs: { scores: 'float32' },
    run: (weights, { pixels }) => ({
      state: {},
      outputs: { scores: net.apply(weights, pixels, [layer])[layer] },
    }),
  });
  return async (pixels) => {
    const told = [];
    for (let first = 0; first * per < pixels.length; first += AT_ONCE) {
      const some = pixels.subarray(first * per, (first + AT_ONCE) * per);
      const data = new Float32Array(AT_ONCE * per);
      data.set(some); // of the last ones there may be fewer
      const { scores } = await program.run({ pixels: { dtype: 'float32', shape, data } });
      for (let at = 0; at * per < some.length; at++) {
        const own = scores.data.subarray(at * classes.length, (at + 1) * classes.length);
        told.push(own.indexOf(Math.max(...own)));
      }
    }
    return told;
  };
}
