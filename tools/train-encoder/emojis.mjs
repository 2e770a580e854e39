import { homedir } from 'node:os';
import { join } from 'node:path';
import { emoji } from '@lapyra/dataset-emoji';

/** Emojis to train on and to test with: `{ values: float32 on [−1, 1], texts, group }`, the name as group. */
export async function readEmojis(size) {
  const { value } = await emoji.plugin.options['~standard'].validate({ size });
  const dataset = await emoji.plugin.create(value, undefined);
  const open = await dataset.open({
    projectFolder: process.cwd(),
    cacheFolder: process.env.LAPYRA_CACHE ?? join(homedir(), '.cache', 'lapyra'),
    signal: new AbortController().signal,
    progress: () => undefined,
    notice: (line) => console.error(line),
  });
  const read = async (split) => {
    const texts = [];
    for await (const batch of open.captions.read(split)) texts.push(...batch.texts);
    const images = [];
    const bytes = size * size * 3;
    for await (const { pixels } of open.read(split))
      for (let at = 0; at < pixels.length; at += bytes) {
        const said = texts[images.length];
        const values = Float32Array.from(pixels.subarray(at, at + bytes), (x) => x / 127.5 - 1);
        images.push({ values, texts: said, group: said[0] });
      }
    return images;
  };
  return { train: await read('train'), test: await read('test') };
}
