import type { OrtModule } from '@lapyra/tfjs-onnx';
import type * as OnnxRuntimeWeb from 'onnxruntime-web/webgpu';
import { type OrtLibrary, sessionOptions } from './ort-library.js';
import { sessionsInTurn } from './sessions-in-turn.js';
import { UnavailableError } from './unavailable-error.js';

/** As far as it is used here, and may be missing. Source: the WebGPU specification, www.w3.org/TR/webgpu. */
interface Adapters {
  requestAdapter(): Promise<{
    readonly info?: { readonly vendor?: string; readonly architecture?: string };
  } | null>;
}

/** One for all engines: they share the WebAssembly module. */
let inTurn: OrtModule | undefined;

const USE_WASM = 'use onnxruntime-web, which computes on the processor';

/**
 * Load onnxruntime-web for the WebGPU of a browser, in a page or a worker.
 *
 * @throws {UnavailableError} if the browser has no WebGPU or gives no adapter
 */
export async function loadBrowserWebGpu(threads: number): Promise<OrtLibrary> {
  // The cast: Node's types know no graphics card, and an older browser has none.
  const { navigator } = globalThis as { readonly navigator?: { readonly gpu?: Adapters } };
  const gpu = navigator?.gpu;
  if (!gpu)
    throw new UnavailableError(
      'this browser has no WebGPU, or not for a page that is neither https nor on localhost',
      `Open the page by https or on localhost, in a browser that has WebGPU, or ${USE_WASM}.`,
    );
  const adapter = await gpu.requestAdapter();
  if (!adapter)
    throw new UnavailableError(
      'the browser gives no WebGPU adapter',
      `Look at what it says of its graphics card (chrome://gpu, about:support), or ${USE_WASM}.`,
    );
  const ort = await importLibrary();
  ort.env.wasm.numThreads = threads;
  const { vendor = '', architecture = '' } = adapter.info ?? {};
  inTurn ??= sessionsInTurn(ort);
  return {
    ort: inTurn,
    device:
      `WebGPU by ${`${vendor} ${architecture}`.trim() || 'the browser'}, ONNX Runtime ${ort.env.versions.web ?? ''}`.trim(),
    sessionOptions: sessionOptions('webgpu', undefined),
    onDevice: true,
  };
}

async function importLibrary(): Promise<typeof OnnxRuntimeWeb> {
  try {
    return await import('onnxruntime-web/webgpu');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UnavailableError(
      `onnxruntime-web cannot be loaded: ${message.split('\n')[0]}`,
      'npm install onnxruntime-web, and put its files beside the bundle.',
      error,
    );
  }
}
