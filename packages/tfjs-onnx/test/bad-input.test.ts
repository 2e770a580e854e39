// What cannot be compiled or run, each with one clear error, and that all goes on afterwards.
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  compile,
  type CompiledFunction,
  type OrtModule,
  type TensorFunction,
} from '@lapyra/tfjs-onnx';

const inputs = { x: { shape: [4], dtype: 'float32' } } as const;
const x = { shape: [4], dtype: 'float32', data: Float32Array.of(1, -2, 3, -4) } as const;
const good: TensorFunction = ({ x: a }) => ({ y: tf.add(a!, 1) });

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** Also what goes wrong beside the promise must not be left. */
async function refused(compiling: Promise<CompiledFunction>): Promise<unknown> {
  const error: unknown = await compiling.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error;
}

describe('compile refuses, with the operation and the way out', () => {
  const pending = (of: Promise<unknown>): void => void of.catch(() => {});
  const cases: readonly [string, TensorFunction, string, string | RegExp, RegExp][] = [
    [
      'a kernel without a translation',
      ({ x: a }) => ({ y: tf.unique(a!).values }),
      'TFJS_ONNX_UNSUPPORTED_KERNEL',
      /^"unique": the kernel Unique has no translation to ONNX: the number of different values depends on values\./,
      /other operations|outside/,
    ],
    [
      'a gradient of one',
      ({ x: a }) => ({ y: tf.fft(tf.complex(a!, a!)) }),
      'TFJS_ONNX_UNSUPPORTED_KERNEL',
      /^"complex": the kernel Complex/,
      /./,
    ],
    [
      'a window larger than the image',
      ({ x: a }) => ({
        y: tf.maxPool(tf.reshape<tf.Rank.R4>(a!, [1, 2, 2, 1]), [3, 1], 1, 'valid'),
      }),
      'TFJS_ONNX_BAD_INPUT',
      '"maxPool": expected an image at least as large as the window, got [2, 2] for a window of [3, 1].',
      /'same'/,
    ],
    [
      // By the height of the filter tfjs gives the result two columns, where a filter one wide has four places.
      'one number as padding for what is not square',
      ({ x: a }) => {
        const image = tf.mul(tf.ones<tf.Rank.R4>([1, 4, 4, 1]), tf.sum(a!));
        return { y: tf.conv2d(image as tf.Tensor4D, tf.ones([3, 1, 1, 1]), 1, 0) };
      },
      'TFJS_ONNX_UNSUPPORTED_ATTRIBUTE',
      '"conv2d": padding by one number with windows or strides that are not square is not supported.',
      /each side/,
    ],
    [
      'text',
      () => ({ y: tf.tensor1d(['a', 'b'], 'string') }),
      'TFJS_ONNX_UNSUPPORTED_DTYPE',
      /expected float32, int32 or bool values, got string\.$/,
      /./,
    ],
    [
      'a cast to complex numbers',
      ({ x: a }) => ({ y: tf.cast(a!, 'complex64') }),
      'TFJS_ONNX_UNSUPPORTED_DTYPE',
      '"cast": expected float32, int32 or bool, got complex64.',
      /./,
    ],
    [
      'elements left out by a mask',
      ({ x: a }) => {
        pending(tf.booleanMaskAsync(a!, tf.greater(a!, 0)));
        return { y: a! };
      },
      'TFJS_ONNX_READ_VALUES',
      '"booleanMaskAsync": expected a result whose shape is known while the function is traced, got one that depends on values.',
      /tf\.where/,
    ],
    [
      'places where a condition holds',
      ({ x: a }) => {
        pending(tf.whereAsync(tf.greater(a!, 0)));
        return { y: a! };
      },
      'TFJS_ONNX_READ_VALUES',
      '"whereAsync": expected a result whose shape is known while the function is traced, got one that depends on values.',
      /tf\.where/,
    ],
    [
      'a value that is read',
      ({ x: a }) => ({ y: tf.sum(a!).dataSync()[0]! > 0 ? a! : tf.neg(a!) }),
      'TFJS_ONNX_READ_VALUES',
      'The function reads the values of the result of "sum", which do not exist while it is traced.',
      /tf\.where/,
    ],
    [
      'random numbers',
      ({ x: a }) => ({ y: tf.add(a!, tf.randomNormal([4])) }),
      'TFJS_ONNX_HIDDEN_RANDOMNESS',
      '"randomNormal": expected the same values each time the function is traced, got different ones.',
      /pass them as inputs/,
    ],
    [
      'dropout',
      ({ x: a }) => ({ y: tf.dropout(a!, 0.5) }),
      'TFJS_ONNX_HIDDEN_RANDOMNESS',
      /expected the same values each time/,
      /pass them as inputs/,
    ],
  ];
  test.each(cases)('%s', async (_, fn, code, said, wayOut) => {
    const before = { ...tf.memory(), backend: tf.getBackend() };
    const error = await refused(compile(fn, { inputs, ort }));
    expect(error).toMatchObject({ name: 'TfjsOnnxError', code });
    expect((error as Error).message).toMatch(said);
    expect((error as { hint?: string }).hint).toMatch(wayOut);
    // Nothing is left, and the next function compiles.
    expect({ ...tf.memory(), backend: tf.getBackend() }).toEqual(before);
    const next = await compile(good, { inputs, ort });
    expect((await next.run({ x }))['y']?.data).toEqual(Float32Array.of(2, -1, 4, -3));
    await next.dispose();
  });
});

describe('memory that is not there', () => {
  test('is told with the operation that asked for it, and all else goes on', async () => {
    // 2^40 numbers, four tebibytes, of four that are cheap to make.
    const huge: TensorFunction = ({ x: a }) => {
      const column = tf.tile(tf.reshape(a!, [4, 1]), [2 ** 18, 1]);
      return { y: tf.sum(tf.matMul(column, tf.transpose(column))) };
    };
    const program = await compile(huge, { inputs, ort });
    const other = await compile(good, { inputs, ort });
    // The second time it says the same.
    for (let i = 0; i < 2; i++) {
      await expect(program.run({ x })).rejects.toMatchObject({
        code: 'TFJS_ONNX_MEMORY',
        message: `run: expected enough memory for "matMul", got: Failed to allocate memory for requested buffer of size ${2 ** 42}`,
        hint: expect.stringContaining('smaller batches') as unknown,
      });
      expect((await other.run({ x }))['y']?.data).toEqual(Float32Array.of(2, -1, 4, -3));
    }
    await program.dispose();
    await other.dispose();
  });
});

describe('execution providers', () => {
  test('one that is not there is named', async () => {
    const error = await refused(
      compile(good, { inputs, ort, sessionOptions: { executionProviders: ['nowhere'] } }),
    );
    expect(error).toMatchObject({
      code: 'TFJS_ONNX_PROVIDER',
      message: expect.stringMatching(/^compile: expected the execution provider nowhere, got: /) as unknown, // prettier-ignore
      hint: expect.stringContaining('leave out executionProviders') as unknown,
    });
    const next = await compile(good, { inputs, ort });
    await next.dispose();
  });

  test('one that fails in the middle of a run says where; the run before and after are not harmed', async () => {
    let fails = false;
    const failing: OrtModule = {
      Tensor: ort.Tensor,
      InferenceSession: {
        create: async (...args: unknown[]) => {
          const session = await (ort.InferenceSession.create as (...all: unknown[]) => Promise<ort.InferenceSession>)(...args); // prettier-ignore
          const run = (...given: Parameters<typeof session.run>): Promise<unknown> =>
            fails
              ? Promise.reject(
                  new Error("Non-zero status code returned while running Add node. Name:'add/Add' Status Message: device lost"), // prettier-ignore
                )
              : session.run(...given);
          return { run, release: () => session.release() } as never;
        },
      },
    };
    const program = await compile(good, { inputs, ort: failing });
    await program.run({ x });
    fails = true;
    await expect(program.run({ x })).rejects.toMatchObject({
      code: 'TFJS_ONNX_RUNTIME',
      message: 'run: ONNX Runtime failed at "add": device lost',
      hint: expect.stringContaining('can be run again') as unknown,
    });
    fails = false;
    expect((await program.run({ x }))['y']?.data).toEqual(Float32Array.of(2, -1, 4, -3));
    await program.dispose();
  });
});
