// What a browser says that cannot compute on a graphics card. That one can is tested in a real one, in tools/browser.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadBrowserWebGpu } from './load-browser-webgpu.js';
import { UnavailableError } from './unavailable-error.js';

const load = (navigator: unknown): Promise<unknown> => {
  vi.stubGlobal('navigator', navigator);
  return loadBrowserWebGpu(1).catch((error: unknown) => error);
};
afterEach(() => {
  vi.unstubAllGlobals();
});

describe('loadBrowserWebGpu', () => {
  it('says what to do where there is no WebGPU, or no adapter', async () => {
    const none = await load({});
    expect(none).toBeInstanceOf(UnavailableError);
    expect(none).toMatchObject({
      message: expect.stringContaining('this browser has no WebGPU'),
      fix: expect.stringMatching(/https or on localhost.* use onnxruntime-web,/),
    });
    const blocked = await load({ gpu: { requestAdapter: async () => null } });
    expect(blocked).toBeInstanceOf(UnavailableError);
    expect(blocked).toMatchObject({
      message: 'the browser gives no WebGPU adapter',
      fix: expect.stringContaining('chrome://gpu'),
    });
  });

  it('names the adapter, and keeps state on the card', async () => {
    const info = { vendor: 'acme', architecture: 'gen-3' };
    expect(await load({ gpu: { requestAdapter: async () => ({ info }) } })).toMatchObject({
      device: expect.stringMatching(/^WebGPU by acme gen-3, ONNX Runtime 1\./),
      onDevice: true,
      sessionOptions: { executionProviders: ['webgpu'] },
    });
    expect(await load({ gpu: { requestAdapter: async () => ({}) } })).toMatchObject({
      device: expect.stringMatching(/^WebGPU by the browser, ONNX Runtime 1\./),
    });
  });
});
