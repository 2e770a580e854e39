import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { readCifar10Fixture } from '@lapyra/testing';
import { expect, it } from 'vitest';

it('reads 512 labelled images with the channels last', () => {
  const { shape, pixels, labels } = readCifar10Fixture();
  expect(shape).toEqual([512, 32, 32, 3]);
  expect(pixels).toHaveLength(512 * 32 * 32 * 3);
  const perClass = Array.from({ length: 10 }, (_, k) => labels.filter((one) => one === k).length);
  expect(perClass).toEqual([52, 52, 51, 51, 51, 51, 51, 51, 51, 51]);

  // The file is the one that fixtures/README.md describes, and put back into its planes gives the same bytes.
  const file = readFileSync(new URL('../fixtures/cifar10-512.bin', import.meta.url));
  const sum = '9bc4ba47e08ff251674c5f4f9fa66664d71cd0e9d353bcd118bf1ca51244b232';
  expect(createHash('sha256').update(file).digest('hex')).toBe(sum);
  const records = Buffer.alloc(file.length);
  for (let image = 0; image < 512; image++) {
    records[image * 3073] = labels[image]!;
    for (let channel = 0; channel < 3; channel++)
      for (let y = 0; y < 32; y++)
        for (let x = 0; x < 32; x++)
          records[image * 3073 + 1 + channel * 1024 + y * 32 + x] =
            pixels[((image * 32 + y) * 32 + x) * 3 + channel]!;
  }
  expect(records.equals(file)).toBe(true);
});

it('refuses a file that is not there or ends amid a record', () => {
  const none = new URL('none.bin', import.meta.url);
  expect(() => readCifar10Fixture(none)).toThrow(
    `fixture ${none.pathname}: expected a file of CIFAR-10 images, got none.`,
  );
  const { size } = statSync(new URL(import.meta.url));
  expect(() => readCifar10Fixture(new URL(import.meta.url))).toThrow(
    `expected whole records of 3073 bytes, got ${size} bytes.`,
  );
});
