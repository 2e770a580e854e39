import { tfjsNode, tfjsNodeGpu } from '@lapyra/backend-tfjs';
import { expect, it } from 'vitest';

// This repository does not install the native packages: their install scripts fetch a library from elsewhere.
it.each([
  [tfjsNode, '@tensorflow/tfjs-node'],
  [tfjsNodeGpu, '@tensorflow/tfjs-node-gpu'],
])('says that a native package is absent (%#)', async (plugin, packageName) => {
  const backend = await plugin.plugin.create({}, undefined);
  const probe = await backend.probe();
  expect(probe).toEqual({
    available: false,
    reason: `${packageName} is not installed`,
    fix: `npm install ${packageName}`,
  });
  await expect(backend.open()).rejects.toMatchObject({
    code: 'LAPYRA_BACKEND_UNAVAILABLE',
    message: expect.stringContaining(backend.id),
    hint: `npm install ${packageName}`,
  });
});
