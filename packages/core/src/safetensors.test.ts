import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';
import type { TensorValues } from './tensor-value.js';

const tensors: TensorValues = {
  'd.mask': { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) },
  'a.pixels': { dtype: 'uint8', shape: [1, 2], data: Uint8Array.of(7, 255) },
  'g.weight': {
    dtype: 'float32',
    shape: [2, 2],
    data: Float32Array.of(1.5, -0, Number.NaN, 3e-45),
  },
  step: { dtype: 'int32', shape: [], data: Int32Array.of(-2) },
  empty: { dtype: 'float32', shape: [0, 4], data: new Float32Array(0) },
};

/** A file with this header, whatever it says. */
function file(header: unknown, data: number[] = []): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([head, json, Buffer.from(data)]);
}

const one = (changes: object): Record<string, unknown> => ({
  x: { dtype: 'U8', shape: [2], data_offsets: [0, 2], ...changes },
});

describe('safetensors', () => {
  it('gives back every bit', () => {
    const bytes = Buffer.concat(encodeSafetensors(tensors, { step: '7' }));
    const back = decodeSafetensors(bytes, 'test');
    expect(back.metadata).toEqual({ step: '7' });
    expect(Object.keys(back.tensors).sort()).toEqual(Object.keys(tensors).sort());
    for (const [name, value] of Object.entries(tensors)) {
      const got = back.tensors[name];
      expect(got?.dtype).toBe(value.dtype);
      expect(got?.shape).toEqual(value.shape);
      expect(Buffer.from(got?.data.buffer as ArrayBuffer)).toEqual(Buffer.from(value.data.buffer));
    }
  });

  it('writes the bytes that the format describes', () => {
    const [head, ...data] = encodeSafetensors({
      x: { dtype: 'int32', shape: [2], data: Int32Array.of(1, 258) },
    });
    const json = '{"x":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}}';
    expect(head?.length).toBe(8 + 56); // 54 characters, padded to a multiple of 8
    expect(Buffer.from(head ?? []).readUInt32LE(0)).toBe(56);
    expect(Buffer.from(head ?? []).toString('utf8', 8)).toBe(`${json}  `);
    expect(Buffer.concat(data)).toEqual(Buffer.from([1, 0, 0, 0, 2, 1, 0, 0]));
  });

  it('reads a file with unaligned data', () => {
    const { tensors: read } = decodeSafetensors(
      file(
        {
          a: { dtype: 'U8', shape: [1], data_offsets: [0, 1] },
          b: { dtype: 'F32', shape: [1], data_offsets: [1, 5] },
        },
        [9, 0, 0, 128, 63],
      ),
      'test',
    );
    expect(read['b']?.data).toEqual(Float32Array.of(1));
  });

  it.each([
    ['too short', Buffer.from([1, 2, 3]), 'expected at least 8 bytes, got 3'],
    [
      'a header longer than the file',
      Buffer.from('ffffffffffffff7f00', 'hex'),
      'a header within the file',
    ],
    ['no JSON', file('{"x":'), 'a JSON object as header'],
    ['an array', file([]), 'a JSON object as header'],
    ['an unknown dtype', file(one({ dtype: 'F8' }), [1, 2]), "for tensor 'x' a dtype"],
    [
      'a negative side',
      file(one({ shape: [-2], data_offsets: [0, -2] }), [1, 2]),
      "for tensor 'x'",
    ],
    ['a broken side', file(one({ shape: [1.5] }), [1, 2]), "for tensor 'x'"],
    ['a huge shape', file(one({ shape: [2 ** 40, 2 ** 40] }), [1, 2]), "for tensor 'x'"],
    [
      'offsets beyond the data',
      file(one({ shape: [3], data_offsets: [0, 3] }), [1, 2]),
      'within 2',
    ],
    ['offsets that do not fit the shape', file(one({ data_offsets: [0, 1] }), [1]), "tensor 'x'"],
    [
      'overlapping tensors',
      file({ ...one({}), y: { dtype: 'U8', shape: [2], data_offsets: [1, 3] } }, [1, 2, 3]),
      'data of a tensor at byte 2, got byte 1',
    ],
    ['a gap', file(one({ data_offsets: [1, 3] }), [1, 2, 3]), 'at byte 0, got byte 1'],
    ['hidden data', file(one({}), [1, 2, 3]), '2 bytes of tensors, got 3 bytes'],
    ['metadata that is not text', file({ __metadata__: { a: 1 } }), 'text as metadata'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes, 'state')).toThrow(message);
    expect(() => decodeSafetensors(bytes, 'state')).toThrow(
      expect.objectContaining({ code: 'LAPYRA_TENSORS_READ' }),
    );
  });

  it('keeps a tensor named __proto__ a tensor', () => {
    const bytes = file('{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', [5]);
    const { tensors: read } = decodeSafetensors(bytes, 'test');
    expect(Object.keys(read)).toEqual(['__proto__']);
  });

  it('refuses to write a tensor whose numbers do not fit its shape', () => {
    expect(() =>
      encodeSafetensors({ x: { dtype: 'float32', shape: [3], data: new Float32Array(2) } }),
    ).toThrow('[3], got 2 numbers');
  });
});
