import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { encoderConformance, pluginConformance } from '@lapyra/testing';
import { expect, it } from 'vitest';
import * as exported from '../src/index.js';

const { myPlugin } = exported;
const backend = await onnxruntimeCpu.plugin.create({}, undefined);
const create = () => myPlugin.plugin.create({ width: 32, longest: 60 }, undefined);

pluginConformance({ manifest: new URL('../package.json', import.meta.url), exports: exported });

encoderConformance({
  name: 'myPlugin',
  create,
  engine: () => backend.open({ threads: 1 }),
  tooLong: 'word '.repeat(20),
});

it('puts texts with words in common nearer to each other', async () => {
  const encoder = await create();
  const engine = await backend.open({ threads: 1 });
  const texts = ['a red bird', 'A red ship!', 'the grey sea'];
  const vectors = await encoder.encode(texts, { engine, signal: new AbortController().signal });
  await engine.dispose();
  const cosine = (a: number, b: number): number => {
    const row = (at: number): Float32Array => vectors.subarray(at * 32, (at + 1) * 32);
    return row(a).reduce((sum, value, at) => sum + value * row(b)[at]!, 0);
  };
  expect(cosine(0, 0)).toBeCloseTo(1, 5);
  expect(cosine(0, 1)).toBeGreaterThan(cosine(0, 2) + 0.2);
});
