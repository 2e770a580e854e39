import { fileURLToPath } from 'node:url';

/** 512 images of CIFAR-10 in their binary format. */
export const IMAGES = fileURLToPath(
  new URL('../../../packages/testing/fixtures/cifar10-512.bin', import.meta.url),
);
