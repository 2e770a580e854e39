import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import type { OrtModule } from '../ort-module.js';
import { decodeModel } from '../../test/support/decode-model.js';
import { findBlock } from './blocked-convolution.js';

type Run = ort.InferenceSession['run'];

/** A runtime whose convolutions give what `change` makes of the right numbers. */
function runtimeThat(change: (data: Float32Array, attempt: number) => void): OrtModule {
  let attempt = 0;
  return {
    Tensor: ort.Tensor,
    InferenceSession: {
      create: async (...args: unknown[]): Promise<ort.InferenceSession> => {
        const session = await (
          ort.InferenceSession.create as (...all: unknown[]) => Promise<ort.InferenceSession>
        )(...args);
        const now = attempt++;
        const run = async (feeds: Parameters<Run>[0]): ReturnType<Run> => {
          const results = await session.run(feeds);
          for (const tensor of Object.values(results)) change(tensor.data as Float32Array, now);
          return results;
        };
        return {
          ...session,
          run,
          release: () => session.release(),
        } as unknown as ort.InferenceSession;
      },
    },
  };
}

test('finds one of the widths that processors have, and always the same', async () => {
  const block = await findBlock(ort);
  // Every x64 processor that ONNX Runtime still supports has them: 0 would mean that the probe is broken.
  expect(process.arch === 'x64' ? [8, 16] : [0, 4, 8, 16]).toContain(block);
  expect(await findBlock(ort)).toBe(block);
});

test('tries the kernels that it vouches for, and no others', async () => {
  const files: Uint8Array[] = [];
  const create = (bytes: Uint8Array): Promise<never> => {
    files.push(bytes);
    return Promise.reject(new Error('not now'));
  };
  await findBlock({
    Tensor: ort.Tensor,
    InferenceSession: { create } as unknown as OrtModule['InferenceSession'],
  });
  expect(files).toHaveLength(2);
  for (const file of files) {
    const convolutions = decodeModel(file).graph.node.filter(({ opType }) =>
      opType.startsWith('Conv'),
    );
    // Nine as they are, three of which one is made by halves, and the nine with an activation.
    expect(convolutions.map(({ domain }) => domain)).toEqual(
      new Array(21).fill('com.microsoft.nchwc'),
    );
  }
});

// Sizes of the results of what is tried: only those with stride 1 have 6 x 6 pixels.
test.each([
  ['with stride 1', (data: Float32Array) => data.length === 32 * 36],
  ['with stride 2', (data: Float32Array) => data.length === 32 * 9],
  ['with channels that fill no block', (data: Float32Array) => data.length === 20 * 36],
  ['in wide images', (data: Float32Array) => data.length === 16 * 14 * 14],
])('takes no width whose numbers are wrong %s', async (_, isWrong) => {
  const runtime = runtimeThat((data) => {
    if (isWrong(data)) data[5] = (data[5] ?? 0) + 1;
  });
  expect(await findBlock(runtime)).toBe(0);
});

test('takes no width whose convolutions leave the activation out', async () => {
  // Only with an activation are all results positive or 0.
  const runtime = runtimeThat((data, attempt) => {
    if (data.every((value) => value >= 0)) data[data.indexOf(0)] = -1 - attempt;
  });
  expect(await findBlock(runtime)).toBe(0);
});

test('takes none from a runtime without such kernels', async () => {
  const refusing: OrtModule = {
    Tensor: ort.Tensor,
    InferenceSession: { create: () => Promise.reject(new Error('unknown domain')) },
  };
  expect(await findBlock(refusing)).toBe(0);
});
