// An exported pyramid draws the same pictures wherever it runs: by onnxruntime-node or onnxruntime-web, level by level or
// from the fused file, in batches of any size.
import { readFile, readdir } from 'node:fs/promises';
import { onnxruntimeCpu, onnxruntimeWeb } from '@lapyra/backend-onnxruntime';
import type { Backend, Engine, TensorValues } from '@lapyra/core';
import { decodeImage } from '@lapyra/images';
import {
  type LevelRunner,
  openExportedPyramid,
  openFusedPyramid,
  samplePyramid,
} from '@lapyra/sampling';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestProject, type TestProject } from './test-project.js';
import { tinyConfig } from './tiny-config.js';

let project: TestProject;
let cpu: Engine;
let web: Engine;
beforeAll(async () => {
  project = createTestProject();
  // Few variables gathered at many positions.
  const noise = { design: 'hashed', variables: 6, gain: 0.5 };
  project.configure(tinyConfig({ refine: { noise } }));
  expect(await project.ask(['train'])).toMatchObject({ code: 0 });
  expect(await project.ask(['export', '--out', 'shipped', '--fused'])).toMatchObject({
    code: 0,
  });
  cpu = await (await open(onnxruntimeCpu.plugin)).open();
  web = await (await open(onnxruntimeWeb.plugin)).open();
});
afterAll(async () => {
  await cpu.dispose();
  await web.dispose();
  project.remove();
});

async function open(plugin: typeof onnxruntimeCpu.plugin): Promise<Backend> {
  return plugin.create({}, undefined);
}

const read = (file: string): Promise<Uint8Array> => readFile(project.path('shipped', file));

/** Pixels of the images that the command line drew into a folder, in order. */
async function pixels(folder: string): Promise<Uint8Array> {
  const names = (await readdir(project.path(folder))).toSorted();
  const images = await Promise.all(names.map((name) => decodeImage(project.path(folder, name))));
  return Uint8Array.from(images.flatMap((image) => [...image.pixels]));
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let at = 0; at < a.length; at += 1) most = Math.max(most, Math.abs(a[at]! - b[at]!));
  return most;
}

describe('an exported pyramid', () => {
  it.each([1, 3, 64])(
    'draws the same %d images by the command line on either runtime',
    async (count) => {
      for (const backend of ['onnxruntime-cpu', 'onnxruntime-web']) {
        const drawn = await project.ask(
          ['sample', 'shipped', '-n', `${count}`, '--seed', '3', '--backend', backend].concat(
            ...['--out', `${backend}-${count}`, '--json'],
          ),
        );
        expect(drawn).toMatchObject({ code: 0, stderr: '' });
        expect(JSON.parse(drawn.stdout)).toMatchObject({ backend, count, seed: 3 });
      }
      const [one, other] = await Promise.all([
        pixels(`onnxruntime-cpu-${count}`),
        pixels(`onnxruntime-web-${count}`),
      ]);
      expect(one.length).toBe(count * 14 * 14 * 3);
      expect(largestDifference(one, other)).toBeLessThanOrEqual(1);
    },
  );

  it.each([1, 3, 64])(
    'draws the same %d images from the fused file on either runtime',
    async (count) => {
      const { images, z } = await chained(count);
      const [one, other] = await Promise.all([fused(cpu, z, count), fused(web, z, count)]);
      expect(largestDifference(one, other)).toBeLessThanOrEqual(1);
      // z is the noise of the chained levels, brought to the normal distribution and back: the same pictures.
      expect(largestDifference(one, images)).toBeLessThanOrEqual(1);
      expect(new Set(one).size).toBeGreaterThan(20);
    },
  );

  it.each([
    [['--class', 'cat'], 'class: expected a class-conditional pyramid, got one without classes.'],
    [['--text', 'a cat'], 'text: expected a pyramid that is told texts, got one that is not.'],
  ])('is told nothing: %j is refused', async (flags, message) => {
    const { code, stderr } = await project.ask(['sample', 'shipped', '-n', '1', ...flags]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${message} (LAPYRA_SAMPLE_OPTIONS)`);
  });

  it('refuses a file that was changed', async () => {
    const changed = async (file: string): Promise<Uint8Array> => {
      const bytes = new Uint8Array(await read(file));
      if (file.endsWith('.onnx')) bytes[bytes.length - 1]! ^= 1;
      return bytes;
    };
    await expect(openExportedPyramid(changed, cpu)).rejects.toMatchObject({
      code: 'LAPYRA_EXPORT_CHECKSUM',
    });
  });
});

/** uint8 [count, C, H, W] as one row of numbers in the order [count, H, W, C]. */
async function fused(engine: Engine, z: Float32Array, count: number): Promise<Uint8Array> {
  const { model, manifest } = await openFusedPyramid(read, engine);
  const width = manifest.fused!.z;
  const { image } = await model.run({ z: { dtype: 'float32', shape: [count, width], data: z } });
  await model.dispose();
  expect(image).toMatchObject({ dtype: 'uint8', shape: [count, 3, 14, 14] });
  const turned = new Uint8Array(image!.data.length);
  const plane = 14 * 14;
  for (let at = 0; at < turned.length; at += 1) {
    const [picture, pixel, channel] = [
      Math.floor(at / (3 * plane)),
      Math.floor(at / 3) % plane,
      at % 3,
    ];
    turned[at] = image!.data[(picture * 3 + channel) * plane + pixel]!;
  }
  return turned;
}

/** Images drawn level by level, de-whitened by hand, and the z that gives the same noise to the fused file. */
async function chained(count: number): Promise<{ images: Uint8ClampedArray; z: Float32Array }> {
  const { levels, manifest, whitening, dispose } = await openExportedPyramid(read, cpu);
  const noise = new Map<string, TensorValues>();
  const watched: LevelRunner[] = levels.map((level) => ({
    ...level,
    run: (inputs) => {
      noise.set(level.name, inputs);
      return level.run(inputs);
    },
  }));
  const images = new Uint8ClampedArray(count * 14 * 14 * 3); // rounds half to even
  for await (const { level, images: drawn } of samplePyramid(watched, { count, seed: 3 })) {
    if (level !== '14') continue;
    images.set(
      drawn.data.map((value, at) => value * whitening.scale[at % 3]! + whitening.mean[at % 3]!),
    );
  }
  await dispose();
  const { z: width, slices } = manifest.fused!;
  const z = new Float32Array(count * width);
  for (const { level, noise: name, offset, length } of slices) {
    const uniform = noise.get(level)![`noise.${name}`]!.data;
    for (let at = 0; at < uniform.length; at += 1)
      z[Math.floor(at / length) * width + offset + (at % length)] = normalOf(uniform[at]!);
  }
  return { images, z };
}

/** The z with erf(z / √2) = u, by bisection. */
function normalOf(u: number): number {
  let [low, high] = [-6, 6];
  for (let i = 0; i < 40; i += 1) {
    const middle = (low + high) / 2;
    if (erf(middle / Math.SQRT2) < u) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Abramowitz & Stegun 7.1.26, to 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const factors = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429];
  const sum = factors.reduceRight((rest, factor) => (rest + factor) * t, 0);
  return Math.sign(x) * (1 - sum * Math.exp(-x * x));
}
