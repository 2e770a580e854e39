import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { ProtobufWriter } from './protobuf-writer.js';

const { root } = protobuf.parse(`
  syntax = "proto3";
  message Sample {
    int64 number = 1;
    float real = 2;
    string text = 3;
    bytes raw = 4;
    repeated int64 packed = 5;
    Sample nested = 20;
  }
`);
const Sample = root.lookupType('Sample');

function decode(bytes: Uint8Array): Record<string, unknown> {
  return Sample.toObject(Sample.decode(bytes), { longs: Number, bytes: Array });
}

test('writes what a protobuf library reads', () => {
  const bytes = new ProtobufWriter()
    .int(1, 300)
    .float(2, 0.1)
    .text(3, 'grün')
    .bytes(4, Uint8Array.of(0, 255))
    .ints(5, [0, 1, 127, 128, 2 ** 40])
    .message(20, (nested) => nested.int(1, 7))
    .finish();
  expect(decode(bytes)).toEqual({
    number: 300,
    real: Math.fround(0.1),
    text: 'grün',
    raw: [0, 255],
    packed: [0, 1, 127, 128, 2 ** 40],
    nested: { number: 7 },
  });
});

test.each([0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 53 - 1, -1, -(2 ** 31)])(
  'writes the whole number %d',
  (number) => {
    expect(decode(new ProtobufWriter().int(1, number).finish())['number'] ?? 0).toBe(number);
  },
);

test('writes known bytes', () => {
  // The example of the encoding guide: field 1 = 150 is 08 96 01.
  expect([...new ProtobufWriter().int(1, 150).finish()]).toEqual([0x08, 0x96, 0x01]);
  expect([...new ProtobufWriter().text(2, 'testing').finish()].slice(0, 3)).toEqual([
    0x12, 0x07, 0x74,
  ]);
});

test('an empty message has no bytes', () => {
  expect(new ProtobufWriter().finish()).toHaveLength(0);
  expect([...new ProtobufWriter().message(1, () => {}).finish()]).toEqual([0x0a, 0]);
});
