import { createHash } from 'node:crypto';
import { levelProgram, sizeName, storeWhitening } from '@lapyra/core';
import { fusedPyramid } from '@lapyra/nn';
import { boxBilinear } from '@lapyra/transform-laplacian';
import {
  decodeCifar10,
  makeLevel,
  openTraining,
  PYRAMID,
  whiteningOf,
} from '../programs/levels.mjs';

/**
 * Train both levels for some steps, and write what `lapyra export --fused` writes of them.
 *
 * @param file images of CIFAR-10 in their binary format
 * @returns files of the exported folder by name
 */
export async function exportPyramid(engine, file, steps) {
  const pixels = decodeCifar10(file);
  const whitening = await whiteningOf(pixels);
  const transform = (await boxBilinear.plugin.create({}, undefined)).tensor;
  const files = new Map();
  const save = (name, bytes) => {
    files.set(name, bytes);
    return { file: name, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  const levels = [];
  const entries = [];
  const all = {};
  for (const kind of PYRAMID) {
    const training = await openTraining(engine, kind, pixels, steps);
    for (let step = 0; step < steps; step++) await training.step();
    const state = await training.samplerState();
    await training.dispose();
    const level = await makeLevel(kind);
    const name = sizeName(level.place.size);
    const { size, coarse } = level.place;
    const bytes = await engine.export(levelProgram(level, transform), state);
    levels.push(level);
    entries.push({
      name,
      size,
      coarse,
      noise: level.noise,
      step: steps,
      ...save(`level-${name}.onnx`, bytes),
    });
    for (const [key, value] of Object.entries(state)) all[`level-${name}.${key}`] = value;
  }
  const { program, slices } = fusedPyramid({ levels, transform, whitening });
  const z = slices.reduce((sum, { length }) => sum + length, 0);
  const manifest = {
    format: 'lapyra-export',
    version: 1,
    name: 'browser',
    transform: 'box-bilinear',
    channels: 3,
    condition: { kind: 'none' },
    whitening: storeWhitening(whitening),
    levels: entries,
    fused: { ...save('pyramid.onnx', await engine.export(program, all)), z, slices },
  };
  files.set('manifest.json', new TextEncoder().encode(JSON.stringify(manifest)));
  return files;
}
