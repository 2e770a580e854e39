import { readFileSync } from 'node:fs';
import { LapyraError } from '@lapyra/core';

/** Pictures with their classes, in memory. */
export interface LabelledImages {
  /** [n, H, W, C]. */
  readonly shape: readonly [count: number, height: number, width: number, channels: number];
  /** 0…255, row-major. */
  readonly pixels: Uint8Array;
  /** The class of each picture [n]. */
  readonly labels: Uint8Array;
}

const SIDE = 32;
const PLANE = SIDE * SIDE;
const RECORD = 1 + 3 * PLANE;

/**
 * The 512 CIFAR-10 images of `fixtures/cifar10-512.bin`: pixels uint8 [512, 32, 32, 3], labels 0…9 with 51 or 52 images
 * each. The file belongs to the repository and to no published package.
 *
 * @param file another file in the official binary format
 * @throws {LapyraError} `LAPYRA_TESTING_FIXTURE` if the file is not there or ends amid a record
 */
export function readCifar10Fixture(
  file: URL = new URL('../fixtures/cifar10-512.bin', import.meta.url),
): LabelledImages {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw refusal(file, 'a file of CIFAR-10 images', 'none', cause);
  }
  if (bytes.length === 0 || bytes.length % RECORD !== 0)
    throw refusal(file, `whole records of ${RECORD} bytes`, `${bytes.length} bytes`);
  return decodeRecords(bytes);
}

/** Records of a label and three planes → pixels with the channels last. */
function decodeRecords(bytes: Uint8Array): LabelledImages {
  const count = bytes.length / RECORD;
  const labels = new Uint8Array(count);
  const pixels = new Uint8Array(count * 3 * PLANE);
  for (let image = 0; image < count; image++) {
    const start = image * RECORD;
    labels[image] = bytes[start]!;
    for (let channel = 0; channel < 3; channel++) {
      const plane = start + 1 + channel * PLANE;
      for (let at = 0; at < PLANE; at++)
        pixels[(image * PLANE + at) * 3 + channel] = bytes[plane + at]!;
    }
  }
  return { shape: [count, SIDE, SIDE, 3], pixels, labels };
}

function refusal(url: URL, expected: string, got: string, cause?: unknown): LapyraError {
  return new LapyraError(
    'LAPYRA_TESTING_FIXTURE',
    `fixture ${url.pathname}: expected ${expected}, got ${got}.`,
    {
      hint: 'Outside of the repository of Lapyra give the suite images of your own.',
      ...(cause === undefined ? {} : { cause }),
    },
  );
}
