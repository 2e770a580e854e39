// Both levels on one pyramid, as one program: it gives what the levels give one after the other.
import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import {
  initialState,
  type Level,
  levelProgram,
  randomStream,
  type Size,
  type StepTraining,
  type TensorValue,
  type TensorValues,
} from '@lapyra/core';
import { denoising, variational } from '@lapyra/level-autoencoder';
import { fusedPyramid } from '@lapyra/nn';
import { float32, makeLevel, placeAt } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { afterAll, expect, it } from 'vitest';

const sizes: readonly Size[] = [
  [3, 3],
  [5, 5],
];
const BATCH = 2;
const transform = (await boxBilinear.plugin.create({}, undefined)).tensor;
const engine = await (await onnxruntimeCpu.plugin.create({}, undefined)).open({ threads: 1 });
afterAll(() => engine.dispose());

/** What the level begins with, by the sampler's names. */
function stateOf(level: Level, name: string): TensorValues {
  const { state, samplerState } = level.training as StepTraining;
  const start = initialState(state, 1, name);
  return Object.fromEntries(Object.entries(samplerState).map(([to, from]) => [to, start[from]!]));
}

it('draws as one program what the levels draw one after the other', async () => {
  const levels = [
    await makeLevel(denoising, { hidden: [8], chain: 2 }, placeAt(sizes, 0)),
    await makeLevel(variational, { width: 4, layers: 2, grain: true }, placeAt(sizes, 1)),
  ];
  const states = levels.map((level, at) => stateOf(level, String(sizes[at]![0])));
  const whitening = {
    shape: [1, 1, 1, 3],
    mean: Float32Array.of(120, 120, 120),
    scale: Float32Array.of(40, 40, 40),
  } as const;
  const { program, slices } = fusedPyramid({ levels, transform, whitening });
  const width = slices.reduce((sum, { length }) => sum + length, 0);
  const z = randomStream(2, 'z').normal(BATCH * width);

  const whole = Object.fromEntries(
    states.flatMap((state, at) =>
      Object.entries(state).map(([name, value]) => [`level-${sizes[at]![0]}.${name}`, value]),
    ),
  );
  const fused = await run(program, whole, { z: float32([BATCH, width], z) });

  let coarse: TensorValue | undefined;
  for (const [at, level] of levels.entries()) {
    const noise = slices
      .filter((slice) => slice.level === String(sizes[at]![0]))
      .map(({ noise: name, offset, length }) => {
        const rows = [0, 1].flatMap((row) => [
          ...z.slice(row * width + offset, row * width + offset + length),
        ]);
        return [`noise.${name}`, float32([BATCH, ...level.noise[name]!.shape], rows)] as const;
      });
    const inputs = { ...Object.fromEntries(noise), ...(coarse ? { coarse } : {}) };
    coarse = await run(levelProgram(level, transform), states[at]!, inputs);
  }
  const planes = 25;
  coarse!.data.forEach((value, at) => {
    const [image, pixel, channel] = [
      Math.floor(at / (planes * 3)),
      Math.floor(at / 3) % planes,
      at % 3,
    ];
    const expected = Math.min(255, Math.max(0, value * 40 + 120));
    const got = fused.data[(image * 3 + channel) * planes + pixel]!;
    expect(Math.abs(got - expected)).toBeLessThanOrEqual(0.501);
  });
});

async function run(
  program: ReturnType<typeof levelProgram>,
  state: TensorValues,
  inputs: TensorValues,
): Promise<TensorValue> {
  const opened = await engine.open(
    Object.fromEntries(program.reads.map((name) => [name, state[name]!])),
  );
  const compiled = await opened.compile(program, BATCH);
  const { image } = await compiled.run(inputs);
  await opened.dispose();
  return image!;
}
