import type { InferenceSession } from 'onnxruntime-common';
import { identityModel } from './identity-model.js';
import type { OrtLibrary } from './ort-library.js';
import { UnavailableError } from './unavailable-error.js';

const INSTALL_DRIVERS =
  'apt-get install libvulkan1 mesa-vulkan-drivers (AMD, Intel), or NVIDIA’s driver with its Vulkan part (libnvidia-gl)';

/**
 * Open the adapter that WebGPU takes on this machine, and close it again.
 *
 * @returns what is known of it, for people
 * @throws {UnavailableError} why there is none, and what to do
 */
export async function openAdapter(
  ort: OrtLibrary['ort'],
  options: InferenceSession.SessionOptions,
): Promise<string> {
  if (process.platform === 'win32' || process.platform === 'darwin') {
    const [api, fix] =
      process.platform === 'win32'
        ? ['Direct3D 12', 'Install the current driver of your graphics card.']
        : ['Metal', 'Use onnxruntime-cpu.'];
    return await withAdapter(
      ort,
      options,
      () => api,
      () => fix,
    );
  }
  const { describeDriver, driverFiles, hasLoader } = await import('./vulkan-drivers.js');
  // Not tried without a driver: the library would write warnings of its own to the terminal.
  if (driverFiles().length === 0)
    throw new UnavailableError('no Vulkan driver is installed', INSTALL_DRIVERS);
  return withAdapter(ort, options, describeDriver, () =>
    hasLoader()
      ? `Check the driver with vulkaninfo --summary; drivers are found by ${driverFiles().join(', ')}.`
      : 'apt-get install libvulkan1',
  );
}

async function withAdapter(
  ort: OrtLibrary['ort'],
  options: InferenceSession.SessionOptions,
  describe: () => string,
  fix: () => string,
): Promise<string> {
  let session: InferenceSession;
  try {
    session = await ort.InferenceSession.create(identityModel('float32'), options);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // What comes before names a place in ONNX Runtime's source.
    const reason = /Failed to get a WebGPU .+/.exec(message)?.[0] ?? message.split('\n')[0]!;
    throw new UnavailableError(reason, fix(), error);
  }
  try {
    return describe();
  } finally {
    await session.release();
  }
}
