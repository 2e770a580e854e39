import { type Engine, LapyraError, type LoadedModel, type TensorValue } from '@lapyra/core';

/**
 * Load an ONNX file.
 *
 * @throws {LapyraError} `LAPYRA_ENGINE_ONNX` if the engine loads none; what the engine says of the file
 */
export async function loadFile(
  subject: string,
  engine: Engine,
  bytes: Uint8Array,
): Promise<LoadedModel> {
  if (engine.load) return engine.load(bytes);
  throw new LapyraError(
    'LAPYRA_ENGINE_ONNX',
    `${subject}: expected a backend that loads ONNX files, got ${engine.id}.`,
    { hint: 'Use onnxruntime-cpu.' },
  );
}

/**
 * Run a file of one input for one of its outputs.
 *
 * @throws {LapyraError} `LAPYRA_ONNX_RESULT` if it gives another shape, or numbers that are not finite
 */
export async function runFile(
  subject: string,
  model: LoadedModel,
  {
    input,
    output,
    value,
    shape,
  }: {
    readonly input: string;
    readonly output: string;
    readonly value: TensorValue;
    readonly shape: readonly number[];
  },
): Promise<Float32Array> {
  const { [output]: made } = await model.run({ [input]: value });
  const isSame = made?.dtype === 'float32' && made.shape.join() === shape.join();
  if (!isSame) {
    throw new LapyraError(
      'LAPYRA_ONNX_RESULT',
      `${subject}: expected output '${output}' [${shape.join(', ')}] from [${value.shape.join(', ')}], got [${made?.shape.join(', ') ?? 'nothing'}].`,
      { hint: 'Check the ratio, the layout and the sizes that the file is for.' },
    );
  }
  const data = Float32Array.from(made.data);
  if (data.every(Number.isFinite)) return data;
  throw new LapyraError(
    'LAPYRA_ONNX_RESULT',
    `${subject}: expected finite numbers in output '${output}', got others.`,
  );
}

/** [n, pixels, C] → [n, C, pixels] */
export function planesFirst(
  data: Float32Array,
  count: number,
  pixels: number,
  channels: number,
): Float32Array {
  return turn(data, count, pixels, channels);
}

/** [n, C, pixels] → [n, pixels, C] */
export function planesLast(
  data: Float32Array,
  count: number,
  pixels: number,
  channels: number,
): Float32Array {
  return turn(data, count, channels, pixels);
}

/** [n, a, b] → [n, b, a] */
function turn(data: Float32Array, n: number, a: number, b: number): Float32Array {
  const turned = new Float32Array(data.length);
  for (let i = 0; i < n; i += 1)
    for (let x = 0; x < a; x += 1)
      for (let y = 0; y < b; y += 1) turned[(i * b + y) * a + x] = data[(i * a + x) * b + y]!;
  return turned;
}
