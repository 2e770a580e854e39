import {
  definePlugin,
  elementCount,
  type Engine,
  type GivenFile,
  LapyraError,
  type Level,
  type LevelPlace,
  type LoadedModel,
  type OpenHostSampler,
  type Plugin,
  type Size,
  sizeName,
  type TensorValue,
} from '@lapyra/core';
import { checkShape, onePort, pixelsOf } from './file-format.js';
import { type OnnxPort, onnxPorts } from './onnx-ports.js';
import { loadFile, planesFirst, planesLast, runFile } from './run-file.js';
import { enlargeByTiles } from './run-tiles.js';
import { tilesOf } from './tiles.js';
import { type UpscaleInput, upscaleOptions, type UpscaleOptions } from './upscale-options.js';

/** A refining level that a super-resolution ONNX file draws. There is nothing to train. */
export const upscale: Plugin<'level', UpscaleInput, UpscaleOptions> = definePlugin({
  kind: 'level',
  use: '@lapyra/level-onnx#upscale',
  summary: 'enlarges the image below by a super-resolution ONNX file',
  options: upscaleOptions,
  parts: { file: 'file' },
  create: (options, place, parts) => createUpscale(options, place, parts.file!),
});

/** Tiles given to a file at once, where it takes any number. */
const MOST = 16;

function createUpscale(options: UpscaleOptions, place: LevelPlace, file: GivenFile): Level {
  const subject = `upscale at ${sizeName(place.size)}`;
  checkPlace(subject, options, place);
  const setting = checkFile(`${subject}, ${file.name}`, options, place, file);
  return {
    place,
    noise: {},
    output: 'image',
    sampler: { kind: 'host', open: async (_, engine) => open(setting, engine) },
    training: null,
  };
}

function checkPlace(subject: string, { ratio }: UpscaleOptions, place: LevelPlace): void {
  const { size, coarse, channels, pixels } = place;
  const refuse = (expected: string, got: string, hint: string): never => {
    throw new LapyraError('LAPYRA_LEVEL_PLACE', `${subject}: expected ${expected}, got ${got}.`, {
      hint,
    });
  };
  if (!coarse)
    return refuse(
      'a level below',
      'the first place of the pyramid',
      'Use generate() for an ONNX file that draws from noise.',
    );
  const wanted: Size = [coarse[0] * ratio, coarse[1] * ratio];
  if (wanted[0] !== size[0] || wanted[1] !== size[1])
    refuse(
      `${sizeName(wanted)}, ${ratio} times the ${sizeName(coarse)} below`,
      sizeName(size),
      'Set the sizes of the levels by the ratio of the file.',
    );
  if (channels !== 1 && channels !== 3)
    refuse('images of 1 or 3 channels', `${channels}`, 'A file makes colours, not alpha.');
  if (!pixels.exact)
    refuse(
      "whitening 'channel' or 'range', from which pixels follow",
      "'pixel'",
      "Set data.whitening to 'channel'.",
    );
}

/** All that is known before there is an engine. */
interface Setting {
  readonly subject: string;
  readonly options: UpscaleOptions;
  readonly place: LevelPlace;
  readonly coarse: Size;
  readonly bytes: Uint8Array;
  readonly input: string;
  readonly output: string;
  /** What the file is given at a time. */
  readonly tile: Size;
  readonly most: number;
  /** Channels of the file. */
  readonly depth: 1 | 3;
}

function checkFile(
  subject: string,
  options: UpscaleOptions,
  place: LevelPlace,
  { name, bytes }: GivenFile,
): Setting {
  const { ratio, layout, colours } = options;
  const ports = onnxPorts(name, bytes);
  const input = onePort(subject, 'input', ports.inputs, options.input);
  const output = onePort(subject, 'output', ports.outputs, options.output.name);
  const depth = colours === 'luma' ? 1 : 3;
  const wanted = (h: string, w: string): (number | string)[] =>
    layout === 'nchw' ? ['images', depth, h, w] : ['images', h, w, depth];
  const hint = `The file has to take ${layout.toUpperCase()} images with ${depth} ${depth === 1 ? 'channel (colours: luma)' : `channels (colours: ${colours})`}: change layout or colours.`;
  checkShape(subject, 'input', input, wanted('height', 'width'), hint);
  checkShape(subject, 'output', output, wanted(`${ratio} · height`, `${ratio} · width`), hint);
  const [down, across] = layout === 'nchw' ? [2, 3] : [1, 2];
  const fixed = (port: OnnxPort, axis: number): number | null => port.shape?.[axis] ?? null;
  const coarse = place.coarse!;
  const side = (axis: number, length: number): number => {
    const stated = fixed(input, axis);
    if (stated !== null && options.tile !== null && stated !== options.tile) {
      throw new LapyraError(
        'LAPYRA_ONNX_PORTS',
        `${subject}: expected tile ${stated}, the size that the file takes, got ${options.tile}.`,
        { hint: 'Leave tile out: it is taken from the file.' },
      );
    }
    const made = fixed(output, axis);
    if (stated !== null && made !== null && made !== ratio * stated) {
      throw new LapyraError(
        'LAPYRA_ONNX_PORTS',
        `${subject}: expected output '${output.name}' of ${ratio * stated} pixels from ${stated}, got ${made}.`,
        { hint: `Its ratio is ${made / stated}.` },
      );
    }
    return stated ?? Math.min(options.tile ?? length, length);
  };
  const tile: Size = [side(down, coarse[0]), side(across, coarse[1])];
  if (options.tile !== null && options.overlap >= options.tile) {
    throw new LapyraError(
      'LAPYRA_ONNX_PORTS',
      `${subject}: expected an overlap below ${options.tile}, the side of a tile, got ${options.overlap}.`,
    );
  }
  const batch = fixed(input, 0);
  if (batch !== null && batch !== 1) {
    throw new LapyraError(
      'LAPYRA_ONNX_PORTS',
      `${subject}: expected a file that takes one image or any number, got one that takes ${batch}.`,
    );
  }
  const names = { input: input.name, output: output.name };
  return { subject, options, place, coarse, bytes, ...names, tile, most: batch ?? MOST, depth };
}

async function open(setting: Setting, engine: Engine): Promise<OpenHostSampler> {
  const model = await loadFile(setting.subject, engine, setting.bytes);
  try {
    // A file may state no sizes: one tile of grey shows what it makes of it.
    const grey = new Float32Array(elementCount(setting.tile) * setting.depth).fill(127.5);
    await runTiles(setting, model, grey, 1);
  } catch (error) {
    await model.dispose();
    throw error;
  }
  return {
    sample: async ({ coarse, low }, work) => {
      const batch = coarse!.shape[0]!;
      const { size, channels } = setting.place;
      const per = elementCount(size) * channels;
      const image = new Float32Array(batch * per);
      for (let index = 0; index < batch; index += 1) {
        const planes = {
          data: filePlanes(setting, coarse!, index),
          size: setting.coarse,
          channels: setting.depth,
        };
        const tiles = tilesOf(setting.coarse, setting.tile, setting.options.overlap);
        const made = await enlargeByTiles(
          planes,
          tiles,
          setting.options.ratio,
          setting.most,
          async (given, count) => runTiles(setting, model, given, count),
          work,
        );
        image.set(levelImage(setting, made, low!, index), index * per);
      }
      return { dtype: 'float32', shape: [batch, ...size, channels], data: image };
    },
    dispose: () => model.dispose(),
  };
}

/** Pixels 0…255 [n, h, w, depth] through the file. */
async function runTiles(
  { subject, options, input, output, tile, depth }: Setting,
  model: LoadedModel,
  pixels: Float32Array,
  count: number,
): Promise<Float32Array> {
  const { layout, ratio } = options;
  const taken = pixelsOf(options.range);
  const given = pixelsOf(options.output.range ?? options.range);
  const numbers = pixels.map((value) => (value - taken.offset) / taken.scale);
  const [h, w] = tile;
  const made: Size = [h * ratio, w * ratio];
  const first = layout === 'nchw';
  const result = await runFile(subject, model, {
    input,
    output,
    value: {
      dtype: 'float32',
      shape: first ? [count, depth, h, w] : [count, h, w, depth],
      data: first ? planesFirst(numbers, count, h * w, depth) : numbers,
    },
    shape: first ? [count, depth, ...made] : [count, ...made, depth],
  });
  const last = first ? planesLast(result, count, made[0] * made[1], depth) : result;
  return last.map((value) => value * given.scale + given.offset);
}

/** The image below as the file's channels, in pixels 0…255, clamped. */
function filePlanes(
  { options: { colours }, place, depth }: Setting,
  coarse: TensorValue,
  index: number,
): Float32Array {
  const { channels, pixels } = place;
  const scale = pixels.coarseScale ?? pixels.scale;
  const count = elementCount(coarse.shape.slice(1, 3));
  const planes = new Float32Array(count * depth);
  const value = (pixel: number, channel: number): number => {
    const c = channels === 1 ? 0 : channel;
    const normalised = coarse.data[(index * count + pixel) * channels + c]!;
    return Math.min(255, Math.max(0, normalised * scale[c]! + pixels.mean[c]!));
  };
  for (let pixel = 0; pixel < count; pixel += 1) {
    if (colours === 'luma') planes[pixel] = luma((c) => value(pixel, c));
    else
      for (let c = 0; c < 3; c += 1)
        planes[pixel * 3 + c] = value(pixel, colours === 'bgr' ? 2 - c : c);
  }
  return planes;
}

/** What the file made, in pixels 0…255, as the normalised image [H, W, C]. */
function levelImage(
  { options: { colours }, place: { channels, pixels } }: Setting,
  made: Float32Array,
  low: TensorValue,
  index: number,
): Float32Array {
  const { mean, scale } = pixels;
  const count = elementCount(low.shape.slice(1, 3));
  const image = new Float32Array(count * channels);
  for (let pixel = 0; pixel < count; pixel += 1) {
    const enlarged = (c: number): number => {
      const own = channels === 1 ? 0 : c;
      return low.data[(index * count + pixel) * channels + own]! * scale[own]! + mean[own]!;
    };
    const drawn = (c: number): number => made[pixel * 3 + (colours === 'bgr' ? 2 - c : c)]!;
    // Brightness moves all three colours alike: the colour differences stay those of the enlarged image.
    const lift = colours === 'luma' ? made[pixel]! - luma(enlarged) : 0;
    for (let c = 0; c < channels; c += 1) {
      const value =
        colours === 'luma' ? enlarged(c) + lift : channels === 1 ? luma(drawn) : drawn(c);
      image[pixel * channels + c] = (value - mean[c]!) / scale[c]!;
    }
  }
  return image;
}

/** Rec. 601, as JPEG has it. */
function luma(channel: (c: number) => number): number {
  return 0.299 * channel(0) + 0.587 * channel(1) + 0.114 * channel(2);
}
