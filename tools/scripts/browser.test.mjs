// core, nn, tfjs-onnx, sampling and the steps of training run in browsers: each entry bundles without Node, and the bundle loads where there is
// neither `process` nor `Buffer` nor `require`.
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { root } from './run.mjs';

const ENTRIES = [
  '@lapyra/core',
  '@lapyra/nn',
  '@lapyra/sampling',
  '@lapyra/tfjs-onnx',
  '@lapyra/tfjs-onnx/gradients',
  '@lapyra/tfjs-onnx/metadata',
  '@lapyra/training/steps',
  '@lapyra/level-adversarial',
  '@lapyra/transform-laplacian',
];

async function bundle(source) {
  const { outputFiles } = await build({
    ...source,
    absWorkingDir: root,
    bundle: true,
    platform: 'browser',
    conditions: ['@lapyra/source'],
    format: 'iife',
    globalName: 'library',
    logLevel: 'silent',
    write: false,
  });
  return outputFiles[0].text;
}

/** What a page offers, as far as it matters here. */
function page() {
  const context = createContext({ TextDecoder, TextEncoder, performance, setTimeout });
  context.self = context;
  context.window = context;
  return context;
}

describe('the browser', () => {
  it.each(ENTRIES)('loads %s', async (entry) => {
    const exported = runInContext(
      `${await bundle({ entryPoints: [entry] })}\nObject.keys(library)`,
      page(),
    );
    const inNode = Object.keys(await import(/* @vite-ignore */ entry));
    expect(exported.toSorted()).toEqual(inNode.toSorted());
    expect(inNode.length).toBeGreaterThan(0);
  });

  it.each(["import 'node:fs';", "export { join } from 'path';"])(
    'has no place for: %s',
    async (code) => {
      await expect(bundle({ stdin: { contents: code, resolveDir: root } })).rejects.toThrow(
        'Could not resolve',
      );
    },
  );
});
