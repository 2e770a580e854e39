import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import {
  compile,
  type CompiledFunction,
  type HostTensor,
  type OrtModule,
  type TensorFunction,
} from '@lapyra/tfjs-onnx';
import { expectClose, runEager, seeded } from './support/compare-with-cpu.js';
import { decodeModel } from './support/decode-model.js';

const momentum: TensorFunction = ({ w, m, g }) => {
  const next = tf.add(tf.mul(m!, 0.5), g!);
  return { w: tf.sub(w!, tf.mul(next, 0.1)), m: next, size: tf.sum(tf.abs(g!)) };
};

const inputs = {
  w: { shape: [2, 3], dtype: 'float32' },
  m: { shape: [2, 3], dtype: 'float32' },
  g: { shape: [2, 3], dtype: 'float32' },
} as const;

async function withProgram(use: (program: CompiledFunction) => Promise<void>): Promise<void> {
  const program = await compile(momentum, {
    inputs,
    ort,
    sessionOptions: { intraOpNumThreads: 1 },
  });
  try {
    await use(program);
  } finally {
    await program.dispose();
  }
}

const feeds = { w: seeded([2, 3], 1), m: seeded([2, 3], 2), g: seeded([2, 3], 3) };

describe('compile', () => {
  test('says its inputs, outputs and cost', async () => {
    await withProgram(async (program) => {
      expect(program.inputs).toEqual(inputs);
      expect(program.outputs).toEqual({
        w: { shape: [2, 3], dtype: 'float32' },
        m: { shape: [2, 3], dtype: 'float32' },
        size: { shape: [], dtype: 'float32' },
      });
      expect(program.cost.flop).toBe(6 * 6);
      expect(program.bytes.length).toBeGreaterThan(100);
      await Promise.resolve();
    });
  });

  test('has constants inside, as a convolution by them is prepared once', async () => {
    const x = { shape: [2, 5, 5, 32], dtype: 'float32' } as const;
    const weight = seeded([3, 3, 32, 16], 4);
    const fn: TensorFunction = ({ x: images, weight: filter }) => ({
      y: tf.relu(tf.conv2d(images as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same')),
    });
    const program = await compile(fn, { inputs: { x }, constants: { weight }, ort });
    expect(program.inputs).toEqual({ x });
    const given = { x: seeded([2, 5, 5, 32], 5) };
    const { y } = await program.run(given);
    const { y: expected } = runEager(fn, { ...given, weight });
    expectClose('y', y!.data as Float32Array, expected!.data, 1e-5);
    await expect(program.run({ ...given, weight })).rejects.toThrow(
      'input "weight": expected one of x, got an unknown name.',
    );
    await program.dispose();
  });

  test('outputs named like inputs can be fed back as they are, many times', async () => {
    await withProgram(async (program) => {
      let state: Parameters<CompiledFunction['run']>[0] = { w: feeds.w, m: feeds.m };
      let eager: Record<string, HostTensor> = { w: feeds.w, m: feeds.m };
      for (let step = 0; step < 5; step++) {
        const { w, m } = await program.run({ ...state, g: feeds.g });
        state = { w: w!, m: m! };
        const next = runEager(momentum, { ...eager, g: feeds.g });
        eager = { w: next['w']!, m: next['m']! };
      }
      expectClose('w', (state['w'] as ort.Tensor).data as Float32Array, eager['w']!.data, 1e-6);
      expectClose('m', (state['m'] as ort.Tensor).data as Float32Array, eager['m']!.data, 1e-6);
    });
  });

  test('computes the outputs that are asked for', async () => {
    await withProgram(async (program) => {
      expect(Object.keys(await program.run(feeds, ['size']))).toEqual(['size']);
      expect(Object.keys(await program.run(feeds, []))).toEqual([]);
      expect(Object.keys(await program.run(feeds, { m: null, w: null }))).toEqual(['m', 'w']);
    });
  });

  test('writes into given tensors', async () => {
    await withProgram(async (program) => {
      const data = new Float32Array(6);
      await program.run(feeds, { m: new ort.Tensor('float32', data, [2, 3]) });
      expectClose('m', data, runEager(momentum, feeds)['m']!.data, 1e-6);
    });
  });

  test('refuses feeds and fetches that do not fit', async () => {
    await withProgram(async (program) => {
      await expect(program.run({ w: feeds.w, m: feeds.m })).rejects.toThrow(
        'input "g": expected float32 [2, 3], got none.',
      );
      await expect(program.run({ ...feeds, g: seeded([3, 2]) })).rejects.toThrow(
        'input "g": expected float32 [2, 3], got float32 [3, 2].',
      );
      const ints = { shape: [2, 3], dtype: 'int32', data: new Int32Array(6) } as const;
      await expect(program.run({ ...feeds, g: ints })).rejects.toThrow('got int32 [2, 3].');
      const short = { shape: [2, 3], dtype: 'float32', data: new Float32Array(5) } as const;
      await expect(program.run({ ...feeds, g: short })).rejects.toThrow(
        'input "g": expected 6 numbers, got 5.',
      );
      await expect(program.run({ ...feeds, h: feeds.g })).rejects.toThrow(
        'input "h": expected one of w, m, g, got an unknown name.',
      );
      await expect(program.run(feeds, ['loss'])).rejects.toThrow(
        'output "loss": expected one of w, m, size, got an unknown name.',
      );
    });
  });

  test('refuses tensors on a device, which the runtime would take for others on the host', async () => {
    const add = ({ x }: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> => ({
      y: tf.add(x!, 1),
    });
    const inputs = { x: { shape: [2], dtype: 'float32' } } as const;
    const program = await compile(add, { inputs, ort });
    // A handle is enough: the runtime looks at no more.
    const there = ort.Tensor.fromGpuBuffer({} as never, { dataType: 'float32', dims: [2] });
    const here = new ort.Tensor('float32', [1, 2], [2]);
    await expect(program.run({ x: there })).rejects.toMatchObject({
      code: 'TFJS_ONNX_BAD_INPUT',
      message: 'input "x": expected a tensor on the host, got one on a device (gpu-buffer).',
      hint: expect.stringContaining('webgpu'),
    });
    await expect(program.run({ x: here }, { y: there })).rejects.toMatchObject({
      message: 'output "y": expected a tensor on the host, got one on a device (gpu-buffer).',
    });
    const gone = new ort.Tensor('float32', [1, 2], [2]);
    gone.dispose();
    await expect(program.run({ x: gone })).rejects.toMatchObject({
      message: 'input "x": expected a tensor on the host, got one that was disposed.',
    });
    expect((await program.run({ x: here }))['y']?.data).toEqual(new Float32Array([2, 3]));
    await program.dispose();
  });

  test('refuses to run after dispose, which may be called twice', async () => {
    const program = await compile(momentum, { inputs, ort });
    await program.dispose();
    await program.dispose();
    await expect(program.run(feeds)).rejects.toThrow(
      'run: expected a live function, got one that was disposed.',
    );
  });

  test('reports what the runtime says of a graph that it refuses', async () => {
    const refusing: OrtModule = {
      Tensor: ort.Tensor,
      InferenceSession: { create: () => Promise.reject(new Error('no such operator')) },
    };
    const failed = compile(momentum, { inputs, ort: refusing });
    await expect(failed).rejects.toThrow(
      'compile: ONNX Runtime refused the graph: no such operator',
    );
    await expect(failed).rejects.toMatchObject({
      code: 'TFJS_ONNX_RUNTIME',
      cause: new Error('no such operator'),
    });
  });
});

describe('the compiled graph', () => {
  const net: TensorFunction = ({ x, w1, w2, w3, b }) => {
    const first = tf.relu(tf.add(tf.conv2d(x as tf.Tensor4D, w1 as tf.Tensor4D, 1, 'same'), b!));
    const padded = tf.mul(tf.pad(first, [[0, 0], [1, 1], [1, 1], [0, 0]]), 0.5); // prettier-ignore
    const second = tf.leakyRelu(
      tf.conv2d(padded as tf.Tensor4D, w2 as tf.Tensor4D, 2, 'valid'),
      0.2,
    );
    return {
      y: tf.tanh(
        tf.conv2d(tf.concat([second, second], 3) as tf.Tensor4D, w3 as tf.Tensor4D, 1, 'same'),
      ),
    };
  };
  const shapes = { x: [2, 8, 8, 3], w1: [3, 3, 3, 4], w2: [3, 3, 4, 4], w3: [3, 3, 8, 4], b: [4] };
  const netInputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { shape, dtype: 'float32' as const }]),
  );

  test('transposes images once on the way in and once on the way out', async () => {
    const program = await compile(net, { inputs: netInputs, ort, target: 'portable' });
    await program.dispose();
    const transposes = decodeModel(program.bytes).graph.node.filter(
      ({ opType }) => opType === 'Transpose',
    );
    expect(
      transposes.map(({ input }) => input[0]).filter((name) => !/^w[123]$/.test(name ?? '')),
    ).toHaveLength(2);
    expect(transposes).toHaveLength(5);
  });

  test('leaves operators of ONNX Runtime alone for other targets', async () => {
    const wide = Object.fromEntries(
      Object.entries({ ...shapes, x: [2, 8, 8, 16], w1: [5, 5, 16, 4], w3: [5, 5, 8, 32] }).map(
        ([name, shape]) => [name, { shape, dtype: 'float32' as const }],
      ),
    );
    const program = await compile(net, { inputs: wide, ort, target: 'portable' });
    await program.dispose();
    expect(decodeModel(program.bytes).opsetImport.map(({ domain }) => domain)).toEqual(['']);
  });
});
