import { emoji } from '@lapyra/dataset-emoji';
import { cacheFolder } from '@lapyra/runtime';
import { root } from '../scripts/run.mjs';

/**
 * Emojis of names that nothing was trained on, one of each group of names: `{ pixels: uint8 [size, size, 3], texts }` each.
 *
 * @param options of the dataset
 */
export async function unseenEmojis(options, log) {
  const { value: settings } = await emoji.plugin.options['~standard'].validate(options);
  const dataset = await emoji.plugin.create(settings, undefined);
  const open = await dataset.open({
    projectFolder: root,
    cacheFolder: cacheFolder(),
    signal: new AbortController().signal,
    progress: () => undefined,
    notice: log,
  });
  const texts = [];
  for await (const batch of open.captions.read('test')) texts.push(...batch.texts);
  const bytes = open.size[0] * open.size[1] * open.channels;
  const images = [];
  for await (const { pixels } of open.read('test'))
    for (let at = 0; at < pixels.length; at += bytes)
      images.push({ pixels: pixels.slice(at, at + bytes), texts: texts[images.length] });
  // Emojis of a group stand beside each other, and have a word of the group's name in common.
  const kept = [];
  for (const image of images) if (!kept.some((other) => alike(other, image))) kept.push(image);
  return kept;
}

/** Whether two names differ in gender, direction or the like alone. */
function alike({ texts: [one] }, { texts: [other] }) {
  return base(one) === base(other);
}

const VARIED = new Set('man men woman women person people boy girl face facing right'.split(' '));

function base(name) {
  return name
    .replace(/:.*$/, '')
    .split(' ')
    .filter((word) => !VARIED.has(word))
    .join(' ');
}
