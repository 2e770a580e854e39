import {
  definePlugin,
  elementCount,
  type Engine,
  type GivenFile,
  LapyraError,
  type Level,
  type LevelPlace,
  type OpenHostSampler,
  type Plugin,
  sizeName,
  type TensorValue,
} from '@lapyra/core';
import { checkShape, onePort, pixelsOf } from './file-format.js';
import { type GenerateInput, generateOptions, type GenerateOptions } from './generate-options.js';
import { onnxPorts } from './onnx-ports.js';
import { loadFile, planesLast, runFile } from './run-file.js';

/** A first level that an ONNX file draws from noise. There is nothing to train. */
export const generate: Plugin<'level', GenerateInput, GenerateOptions> = definePlugin({
  kind: 'level',
  use: '@lapyra/level-onnx#generate',
  summary: 'draws the first image by an ONNX file that makes images of noise',
  options: generateOptions,
  parts: { file: 'file' },
  create: (options, place, parts) => createGenerate(options, place, parts.file!),
});

function createGenerate(options: GenerateOptions, place: LevelPlace, file: GivenFile): Level {
  const { size, coarse, channels, pixels } = place;
  const { noise, layout } = options;
  const subject = `generate at ${sizeName(size)}`;
  const refuse = (expected: string, got: string, hint: string): never => {
    throw new LapyraError('LAPYRA_LEVEL_PLACE', `${subject}: expected ${expected}, got ${got}.`, {
      hint,
    });
  };
  if (coarse)
    refuse(
      'the first place of the pyramid',
      `a level of ${sizeName(coarse)} below`,
      'Use upscale() for an ONNX file that enlarges images.',
    );
  if (channels !== 1 && channels !== 3)
    refuse('images of 1 or 3 channels', `${channels}`, 'A file makes colours, not alpha.');
  if (!pixels.exact)
    refuse(
      "whitening 'channel' or 'range', from which pixels follow",
      "'pixel'",
      "Set data.whitening to 'channel'.",
    );
  const about = `${subject}, ${file.name}`;
  const ports = onnxPorts(file.name, file.bytes);
  const input = onePort(about, 'input', ports.inputs, noise.input);
  const output = onePort(about, 'output', ports.outputs, options.output);
  checkShape(
    about,
    'input',
    input,
    ['images', ...noise.shape],
    'Set noise.shape as the file has it.',
  );
  const made = layout === 'nchw' ? [channels, ...size] : [...size, channels];
  checkShape(
    about,
    'output',
    output,
    ['images', ...made],
    'Set the size of the level, or the layout, as the file has it.',
  );
  const batch = input.shape?.[0] ?? null;
  if (batch !== null && batch !== 1) {
    throw new LapyraError(
      'LAPYRA_ONNX_PORTS',
      `${about}: expected a file that takes one image or any number, got one that takes ${batch}.`,
    );
  }
  return {
    place,
    noise: { z: { distribution: noise.distribution, shape: noise.shape } },
    output: 'image',
    sampler: {
      kind: 'host',
      open: async (_, engine) =>
        open(
          {
            about,
            options,
            place,
            made,
            most: batch ?? Infinity,
            input: input.name,
            output: output.name,
          },
          file,
          engine,
        ),
    },
    training: null,
  };
}

interface Setting {
  readonly about: string;
  readonly options: GenerateOptions;
  readonly place: LevelPlace;
  /** Of one image, in the file's layout. */
  readonly made: readonly number[];
  /** Images at once. */
  readonly most: number;
  readonly input: string;
  readonly output: string;
}

async function open(
  setting: Setting,
  { bytes }: GivenFile,
  engine: Engine,
): Promise<OpenHostSampler> {
  const { about, options, place, made, most, input, output } = setting;
  const model = await loadFile(about, engine, bytes);
  const length = elementCount(options.noise.shape);
  const run = async (data: Float32Array, count: number): Promise<Float32Array> =>
    runFile(about, model, {
      input,
      output,
      value: { dtype: 'float32', shape: [count, ...options.noise.shape], data },
      shape: [count, ...made],
    });
  try {
    await run(new Float32Array(length), 1); // a file may state no sizes
  } catch (error) {
    await model.dispose();
    throw error;
  }
  return {
    sample: async ({ 'noise.z': z }, work) => {
      const batch = z!.shape[0]!;
      const shape = [batch, ...place.size, place.channels];
      const image = new Float32Array(elementCount(shape));
      const per = image.length / batch;
      for (let first = 0; first < batch; first += most) {
        work?.signal.throwIfAborted();
        const count = Math.min(most, batch - first);
        const given = Float32Array.from(z!.data.subarray(first * length, (first + count) * length));
        image.set(normalised(setting, await run(given, count), count), first * per);
        work?.report({ done: first + count, total: batch });
      }
      const drawn: TensorValue = { dtype: 'float32', shape, data: image };
      return drawn;
    },
    dispose: () => model.dispose(),
  };
}

/** What the file made as normalised images [n, H, W, C]. */
function normalised(
  { options: { layout, range, colours }, place: { size, channels, pixels } }: Setting,
  made: Float32Array,
  count: number,
): Float32Array {
  const { scale, offset } = pixelsOf(range);
  const last = layout === 'nchw' ? planesLast(made, count, elementCount(size), channels) : made;
  return last.map((_, at) => {
    const c = at % channels;
    const from = colours === 'bgr' ? at - c + (channels - 1 - c) : at;
    return (last[from]! * scale + offset - pixels.mean[c]!) / pixels.scale[c]!;
  });
}
