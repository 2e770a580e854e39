// What backends say where they cannot be used. A process has tried for an adapter once and for all, so this file has its own.
import {
  onnxruntimeCoreml,
  onnxruntimeCuda,
  onnxruntimeDirectml,
  onnxruntimeWebgpu,
} from '@lapyra/backend-onnxruntime';
import { expect, it } from 'vitest';

const DRIVER = '/nowhere/driver.json';
process.env['VK_ICD_FILENAMES'] = DRIVER;
delete process.env['VK_DRIVER_FILES'];

it.skipIf(process.platform !== 'linux')('WebGPU without a driver that works', async () => {
  const backend = await onnxruntimeWebgpu.plugin.create({}, undefined);
  expect(await backend.probe()).toEqual({
    available: false,
    reason: expect.stringMatching(/^Failed to get a WebGPU adapter/),
    fix: expect.stringMatching(/\/nowhere\/driver\.json\.$|^apt-get install libvulkan1$/),
  });
  await expect(backend.open()).rejects.toMatchObject({
    code: 'LAPYRA_BACKEND_UNAVAILABLE',
    message: expect.stringMatching(/^onnxruntime-webgpu: .*Failed to get a WebGPU adapter/),
  });
});

it.each([
  ['onnxruntime-cuda', onnxruntimeCuda, 'CUDA 12'],
  ['onnxruntime-directml', onnxruntimeDirectml, 'Windows'],
  ['onnxruntime-coreml', onnxruntimeCoreml, 'macOS'],
] as const)('%s says what it needs, and that nobody here has run it', async (id, plugin, needs) => {
  const backend = await plugin.plugin.create({}, undefined);
  expect(backend).toMatchObject({ id, tested: false });
  const probe = await backend.probe();
  if (probe.available) return; // a machine that has what it takes
  expect(probe.reason).toMatch(/^onnxruntime-node has no provider|is not installed$/);
  expect(probe.fix).toContain(needs);
});

it('auto never comes to the card or a maker’s provider before the processor', async () => {
  for (const plugin of [onnxruntimeWebgpu, onnxruntimeCuda, onnxruntimeDirectml, onnxruntimeCoreml])
    expect((await plugin.plugin.create({}, undefined)).priority).toBeLessThan(100);
});
