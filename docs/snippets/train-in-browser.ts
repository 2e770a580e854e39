import { onnxruntimeWeb, onnxruntimeWebgpu } from '@lapyra/backend-onnxruntime';
import { dewhiten, levelProgram, measureWhitening, type Size } from '@lapyra/core';
import { dense, type DenseInput } from '@lapyra/level-adversarial';
import { openTrainedLevel, sampleImages } from '@lapyra/sampling';
import { imagesInMemory, openLevelSteps } from '@lapyra/training/steps';
import { boxBilinear } from '@lapyra/transform-laplacian';

const SIZES: Size[] = [[8, 8]]; // of the pyramid, coarse to fine

/** A first level, made as a config would make it. */
async function firstLevel(options: DenseInput) {
  const checked = await dense.plugin.options['~standard'].validate(options);
  if (checked.issues) throw new Error(checked.issues[0]?.message);
  return dense.plugin.create(checked.value, {
    size: SIZES[0]!,
    coarse: null,
    channels: 3,
    condition: { kind: 'none' },
    transform: 'box-bilinear',
    pixels: { mean: [0, 0, 0], scale: [1, 1, 1], exact: false }, // dense does not ask for it
  });
}

/** Learns from pictures, uint8 [n, size, 3], in a worker; gives some drawn ones, uint8 [16, 8, 8, 3], and an ONNX file. */
export async function learn(
  pixels: Uint8Array,
  size: Size,
  { gpu, steps }: { gpu: boolean; steps: number },
  tell: (step: number, losses: Readonly<Record<string, number | null>>) => void,
) {
  const backend = gpu ? onnxruntimeWebgpu : onnxruntimeWeb;
  const engine = await (await backend.plugin.create({}, undefined)).open();
  const transform = await boxBilinear.plugin.create({}, undefined);
  const level = await firstLevel({
    noise: 32,
    generator: { hidden: [128] },
    discriminator: { hidden: [64] },
    batch: { real: 32, generated: 32, generator: 32 },
    optimiser: { kind: 'adam' },
  });
  const batches = (async function* () {
    yield pixels;
  })();
  const whitening = await measureWhitening('channel', size, 3, batches);
  const images = imagesInMemory({ pixels, size });

  const training = await openLevelSteps({
    ...{ level, engine, transform, images, whitening, steps },
    ...{ sizes: SIZES, index: 0, seed: 1 },
  });
  while (training.done < steps) {
    const { recorded } = await training.step(); // { d: 0.61, g: 0.74 }
    tell(training.done, recorded);
  }
  const state = await training.samplerState();
  await training.dispose();

  const drawer = await openTrainedLevel({ level, transform, state, engine });
  const drawn = await sampleImages([drawer], { count: 16, seed: 5 });
  await drawer.dispose();
  const file = await engine.export!(levelProgram(level, transform.tensor), state);
  await engine.dispose();
  return { pictures: dewhiten(drawn, whitening), file };
}
