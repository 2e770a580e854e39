import { randomStream } from '@lapyra/core';
import { ALPHABET, charForward, charWeights, LONGEST, oneHotText } from '@lapyra/encoder-text';
import { inference, withoutPrefix } from '@lapyra/nn';
import { imageNetwork } from './network.mjs';

const AMONG = 10;

/** How often the right image of a text is the first among 10, by the name and by name and kind, in percent; chance is 10. */
export async function retrieval(engine, state, images, side) {
  const network = imageNetwork(side);
  const count = images.length;
  const program = {
    name: 'joint vectors',
    reads: [
      ...Object.keys(charWeights()).map((name) => `text.${name}`),
      ...Object.keys(network.state),
    ],
    writes: [],
    inputs: {
      pixels: { dtype: 'float32', shape: [count, side, side, 3] },
      characters: { dtype: 'float32', shape: [count, LONGEST, ALPHABET.length] },
    },
    outputs: { seen: 'float32', said: 'float32' },
    run: (weights, { pixels, characters }) => ({
      state: {},
      outputs: {
        seen: network.apply(weights, pixels, inference),
        said: charForward(withoutPrefix('text.', weights), characters),
      },
    }),
  };
  const opened = await engine.open(
    Object.fromEntries(program.reads.map((name) => [name, state[name]])),
  );
  const compiled = await opened.compile(program);
  const pixels = new Float32Array(count * side * side * 3);
  images.forEach(({ values }, at) => pixels.set(values, at * side * side * 3));
  const percent = async (choose) => {
    const characters = new Float32Array(count * LONGEST * ALPHABET.length);
    images.forEach(({ texts }, at) =>
      characters.set(oneHotText(choose(texts)), at * LONGEST * ALPHABET.length),
    );
    const { seen, said } = await compiled.run({
      pixels: { dtype: 'float32', shape: [count, side, side, 3], data: pixels },
      characters: { dtype: 'float32', shape: [count, LONGEST, ALPHABET.length], data: characters },
    });
    return found(seen, said, count);
  };
  const result = {
    byName: await percent((texts) => texts[0]),
    byNameAndKind: await percent((texts) => texts.at(-1)),
  };
  await opened.dispose();
  return result;
}

function found(seen, said, count) {
  const width = seen.shape[1];
  const product = (image, text) => {
    let sum = 0;
    for (let i = 0; i < width; i++)
      sum += seen.data[image * width + i] * said.data[text * width + i];
    return sum;
  };
  let right = 0;
  for (let text = 0; text < count; text++) {
    const stream = randomStream(1, 'retrieval', text);
    const others = new Set();
    while (others.size < AMONG - 1) {
      const [other] = stream.integers(1, count);
      if (other !== text) others.add(other);
    }
    const own = product(text, text);
    if ([...others].every((other) => product(other, text) < own)) right += 1;
  }
  return Number(((100 * right) / count).toFixed(1));
}
