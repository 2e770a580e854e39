import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-node';
import { describe, expect, test, vi } from 'vitest';
import { supportedKernels } from '@lapyra/tfjs-onnx';
import { UNSUPPORTED_KERNELS } from '../src/lowerings/unsupported-kernels.js';
import { file } from './example.js';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('README', () => {
  test('shows the example that is run here', () => {
    const [, block] = /```ts\n([^]*?)```/.exec(text('../README.md')) ?? [];
    expect(block).toBe(text('example.ts'));
  });

  test('shows the backend example that is run here', async () => {
    const [, block] = /<!-- backend -->\n\n```ts\n([^]*?)```/.exec(text('../README.md')) ?? [];
    expect(block).toBe(text('backend-example.ts'));
    const logged = vi.spyOn(console, 'log').mockImplementation(() => {});
    await import('./backend-example.js');
    const [values] = logged.mock.calls.at(-1) as [Float32Array];
    expect(values[0]).toBeCloseTo(11, 2);
    expect(values[1]).toBeCloseTo(-5, 2);
  });

  test('shows the lowering of the example that adds a kernel', () => {
    const [, block = ''] =
      /## Kernels of your own\n[^]*?```js\n([^]*?)```/.exec(text('../README.md')) ?? [];
    const [, lowering = ''] = block.split("'@lapyra/tfjs-onnx';\n\n");
    expect(lowering).toMatch(/^registerLowering/);
    const call = lowering.replace("'HardSwish'", 'KERNEL');
    expect(text('../examples/add-a-kernel.mjs')).toContain(call);
  });

  test('its file computes 2x + 1 at any batch size', async () => {
    const session = await ort.InferenceSession.create(file.bytes);
    const { y } = await session.run({
      x: new ort.Tensor('float32', Float32Array.of(5, -3), [2, 1]),
    });
    await session.release();
    expect(y?.data[0]).toBeCloseTo(11, 3);
    expect(y?.data[1]).toBeCloseTo(-5, 3);
  });

  test('lists every kernel that can be translated', () => {
    const [, list = ''] = /<!-- kernels -->([^]*?)<!-- end -->/.exec(text('../README.md')) ?? [];
    expect([...list.matchAll(/`(\w+)`/g)].map(([, name]) => name)).toEqual(supportedKernels());
  });

  test('lists every kernel that is refused, with the reason', () => {
    const [, table = ''] =
      /<!-- refused -->([^]*?)<!-- end of refused -->/.exec(text('../README.md')) ?? [];
    const rows = [...table.matchAll(/^\| (`.*`) +\| (.*?) +\|$/gm)];
    const listed = rows.flatMap(([, names = '', reason]) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, name]) => [name, reason]),
    );
    expect(Object.fromEntries(listed)).toEqual(UNSUPPORTED_KERNELS);
  });
});
