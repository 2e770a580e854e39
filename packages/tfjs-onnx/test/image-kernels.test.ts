import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  expectClose,
  expectLikeCpu,
  floats,
  runBoth,
  runCompiled,
  type TestInput,
} from './support/compare-with-cpu.js';

type Inputs = Readonly<Record<string, tf.Tensor>>;
type Pad = 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;

const kernel = (name: string, inputs: Record<string, tf.Tensor>, attrs: object): tf.Tensor =>
  tf.engine().runKernel<tf.Tensor>(name, inputs, attrs as tf.NamedAttrMap);

interface ConvCase {
  readonly x: readonly [number, number, number, number];
  readonly filter: readonly [number, number, number, number];
  readonly strides?: number | [number, number];
  readonly dilations?: number | [number, number];
  readonly pad: Pad;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

const explicit: tf.backend_util.ExplicitPadding = [[0, 0], [1, 2], [0, 1], [0, 0]]; // prettier-ignore

const convCases: readonly [string, ConvCase][] = [
  ['valid', { x: [2, 6, 7, 3], filter: [3, 3, 3, 4], pad: 'valid' }],
  ['same', { x: [2, 6, 7, 3], filter: [3, 3, 3, 4], pad: 'same' }],
  ['same, even kernel', { x: [2, 6, 7, 3], filter: [4, 2, 3, 4], pad: 'same' }],
  ['padding by a number', { x: [2, 6, 7, 3], filter: [5, 5, 3, 2], pad: 2 }],
  ['padding beyond the kernel', { x: [2, 4, 4, 2], filter: [2, 2, 2, 3], pad: 2 }],
  ['explicit padding', { x: [2, 6, 7, 3], filter: [3, 3, 3, 4], pad: explicit }],
  [
    'stride 2 that leaves rows unread',
    { x: [2, 8, 7, 2], filter: [3, 3, 2, 3], strides: 2, pad: 'valid' },
  ],
  ['stride 2, same', { x: [2, 7, 8, 2], filter: [5, 5, 2, 3], strides: 2, pad: 'same' }],
  ['stride 3 x 2', { x: [2, 9, 8, 2], filter: [3, 4, 2, 3], strides: [3, 2], pad: 'valid' }],
  [
    'stride larger than the kernel',
    { x: [2, 8, 8, 2], filter: [1, 2, 2, 3], strides: 3, pad: 'valid' },
  ],
  ['1 x 1', { x: [2, 4, 4, 3], filter: [1, 1, 3, 5], pad: 'valid' }],
  ['the whole image', { x: [2, 4, 4, 3], filter: [4, 4, 3, 5], pad: 'valid' }],
  ['one channel in', { x: [2, 6, 6, 1], filter: [3, 3, 1, 4], pad: 'same' }],
  ['one channel out', { x: [2, 6, 6, 4], filter: [3, 3, 4, 1], pad: 'same' }],
  [
    'rounded up',
    { x: [2, 6, 6, 2], filter: [3, 3, 2, 3], strides: 2, pad: 0, dimRoundingMode: 'ceil' },
  ],
];

const dilatedCases: readonly [string, ConvCase][] = [
  ['dilation 2', { x: [2, 8, 8, 2], filter: [3, 3, 2, 3], dilations: 2, pad: 'valid' }],
  [
    'dilation 2 x 3, same',
    { x: [2, 8, 9, 2], filter: [3, 2, 2, 3], dilations: [2, 3], pad: 'same' },
  ],
];

function attrsOf({ strides = 1, dilations = 1, pad, dimRoundingMode }: ConvCase): object {
  return { strides, dilations, pad, dataFormat: 'NHWC', dimRoundingMode };
}

function outputShape(c: ConvCase, depthwise = false): number[] {
  const { strides = 1, dilations = 1, pad, dimRoundingMode } = c;
  return tf.backend_util.computeConv2DInfo(
    [...c.x],
    [...c.filter],
    strides,
    dilations,
    pad,
    dimRoundingMode,
    depthwise,
  ).outShape;
}

describe('conv2d', () => {
  test.each([...convCases, ...dilatedCases])('%s', async (_name, c) => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, filter }: Inputs) => ({ y: kernel('Conv2D', { x: x!, filter: filter! }, attrsOf(c)) }),
      { x: c.x, filter: c.filter },
    );
  });
  test.each(convCases)('gradient of the image: %s', async (_name, c) => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ dy, filter }: Inputs) => ({
        dx: kernel(
          'Conv2DBackpropInput',
          { dy: dy!, filter: filter! },
          { ...attrsOf(c), inputShape: c.x },
        ),
      }),
      { dy: outputShape(c), filter: c.filter },
    );
  });
  test.each(convCases)('gradient of the filter: %s', async (_name, c) => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, dy }: Inputs) => ({
        dw: kernel(
          'Conv2DBackpropFilter',
          { x: x!, dy: dy! },
          { ...attrsOf(c), filterShape: c.filter },
        ),
      }),
      { x: c.x, dy: outputShape(c) },
    );
  });
  test('channels first', async () => {
    expect.hasAssertions();
    const attrs = { strides: 1, dilations: 1, pad: 1, dataFormat: 'NCHW' };
    await expectLikeCpu(
      ({ x, filter, dy }: Inputs) => ({
        y: kernel('Conv2D', { x: x!, filter: filter! }, attrs),
        dw: kernel(
          'Conv2DBackpropFilter',
          { x: x!, dy: dy! },
          { ...attrs, filterShape: [3, 3, 2, 4] },
        ),
        dx: kernel(
          'Conv2DBackpropInput',
          { dy: dy!, filter: filter! },
          { ...attrs, inputShape: [2, 2, 5, 6] },
        ),
      }),
      { x: [2, 2, 5, 6], filter: [3, 3, 2, 4], dy: [2, 4, 5, 6] },
    );
  });
  test('transposed', async () => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, filter }: Inputs) => ({
        y: tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, [2, 8, 8, 3], 2, 'same'),
      }),
      { x: [2, 4, 4, 2], filter: [4, 4, 3, 2] },
    );
  });
  test('fused', async () => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, filter, bias }: Inputs) => ({
        y: tf.fused.conv2d({
          x: x as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          strides: 2,
          pad: 'same',
          bias: bias!,
          activation: 'relu',
        }),
      }),
      { x: [2, 6, 6, 2], filter: [3, 3, 2, 4], bias: [4] },
    );
  });
});

describe('conv2d in its other forms', () => {
  const wide: readonly [string, ConvCase][] = [
    ['16 to 32 channels', { x: [2, 6, 7, 16], filter: [5, 3, 16, 32], pad: 'same' }],
    ['32 to 20 channels', { x: [2, 6, 7, 32], filter: [3, 3, 32, 20], pad: 'valid' }],
    ['3 to 16 channels', { x: [1, 12, 11, 3], filter: [10, 10, 3, 16], strides: 2, pad: 'same' }],
    [
      '16 to 16 channels, stride 2, dilated',
      { x: [2, 12, 11, 16], filter: [4, 4, 16, 16], dilations: 2, pad: 'same' },
    ],
    ['7 x 7, wide borders', { x: [2, 6, 9, 16], filter: [7, 7, 16, 32], pad: 'same' }],
    ['4 x 4, stride 2', { x: [2, 8, 6, 16], filter: [4, 4, 16, 32], strides: 2, pad: 1 }],
    [
      '5 x 5, stride 2, last row unread',
      { x: [2, 12, 10, 20], filter: [5, 5, 20, 16], strides: 2, pad: 'valid' },
    ],
    [
      '3 x 5, stride 3 x 2, odd sizes',
      { x: [2, 11, 9, 16], filter: [3, 5, 16, 12], strides: [3, 2], pad: 'same' },
    ],
    ['many to few channels', { x: [2, 6, 7, 12], filter: [3, 4, 12, 3], pad: 'same' }],
    [
      'many to few channels, dilated',
      { x: [2, 8, 8, 12], filter: [3, 3, 12, 2], dilations: 2, pad: 'same' },
    ],
    ['20 to 3 channels, 5 x 4', { x: [2, 6, 7, 20], filter: [5, 4, 20, 3], pad: 'same' }],
  ];
  const targets = ['cpu', 'portable'] as const;
  const both = targets.flatMap((target) => wide.map(([name, c]) => [name, target, c] as const));
  test.each(both)('%s, %s', async (_name, target, c) => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, filter, bias }: Inputs) => ({
        y: kernel('Conv2D', { x: x!, filter: filter! }, attrsOf(c)),
        biased: tf.add(kernel('Conv2D', { x: x!, filter: tf.neg(filter!) }, attrsOf(c)), bias!),
      }),
      { x: c.x, filter: c.filter, bias: [c.filter[3]] },
      1e-4,
      { target },
    );
  });
  test.each(both.filter(([, , { dilations }]) => dilations === undefined))(
    'gradient of the image: %s, %s',
    async (_name, target, c) => {
      expect.hasAssertions();
      await expectLikeCpu(
        ({ dy, filter }: Inputs) => ({
          dx: kernel(
            'Conv2DBackpropInput',
            { dy: dy!, filter: filter! },
            { ...attrsOf(c), inputShape: c.x },
          ),
        }),
        { dy: outputShape(c), filter: c.filter },
        1e-4,
        { target },
      );
    },
  );
  test.each(convCases)('portable, with gradients: %s', async (_name, c) => {
    const fn = ({ x, dy, filter }: Inputs): Record<string, tf.Tensor> => ({
      y: kernel('Conv2D', { x: x!, filter: filter! }, attrsOf(c)),
      dx: kernel(
        'Conv2DBackpropInput',
        { dy: dy!, filter: filter! },
        { ...attrsOf(c), inputShape: c.x },
      ),
      dw: kernel(
        'Conv2DBackpropFilter',
        { x: x!, dy: dy! },
        { ...attrsOf(c), filterShape: c.filter },
      ),
    });
    const inputs = { x: c.x, dy: outputShape(c), filter: c.filter };
    const { eager } = await runBoth(fn, inputs);
    const portable = await runCompiled(fn, inputs, { target: 'portable' });
    for (const name of ['y', 'dx', 'dw']) {
      expectClose(name, portable[name]?.data ?? [], eager[name]?.data ?? [], 1e-5);
    }
  });
  test('a product that is read elsewhere keeps its bias apart', async () => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, filter, bias, dense, shift }: Inputs) => {
        const y = tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, 1, 'same');
        const z = tf.matMul(tf.reshape(x!, [2, 48]), dense!);
        return {
          y,
          biased: tf.add(bias!, y),
          z,
          shifted: tf.add(z, shift!),
          fused: tf.add(tf.matMul(dense!, z, true, true), bias!),
        };
      },
      { x: [2, 4, 4, 3], filter: [3, 3, 3, 2], bias: [2], dense: [48, 48], shift: [48] },
    );
  });
});

describe('depthwise conv2d', () => {
  const cases: readonly [string, ConvCase][] = [
    ['valid', { x: [2, 6, 7, 3], filter: [3, 3, 3, 1], pad: 'valid' }],
    ['same, two filters a channel', { x: [2, 6, 7, 3], filter: [3, 2, 3, 2], pad: 'same' }],
    [
      'stride 2 that leaves rows unread',
      { x: [2, 8, 7, 2], filter: [3, 3, 2, 2], strides: 2, pad: 'valid' },
    ],
    ['stride 2 x 3, same', { x: [2, 7, 8, 2], filter: [3, 2, 2, 2], strides: [2, 3], pad: 'same' }],
    ['padding beyond the kernel', { x: [2, 4, 4, 2], filter: [2, 2, 2, 1], pad: 2 }],
  ];
  const dilated: ConvCase = { x: [2, 8, 8, 2], filter: [3, 3, 2, 1], dilations: 2, pad: 'same' };
  test.each([...cases, ['dilated', dilated] as const])('%s', async (_name, c) => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, filter }: Inputs) => ({
        y: kernel('DepthwiseConv2dNative', { x: x!, filter: filter! }, attrsOf(c)),
      }),
      { x: c.x, filter: c.filter },
    );
  });
  const targets = ['cpu', 'portable'] as const;
  const both = cases.flatMap(([name, c]) => targets.map((target) => [name, target, c] as const));
  test.each(both)('gradients: %s, %s', async (_name, target, c) => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, dy, filter }: Inputs) => ({
        dx: kernel(
          'DepthwiseConv2dNativeBackpropInput',
          { dy: dy!, filter: filter! },
          { ...attrsOf(c), inputShape: c.x },
        ),
        dw: kernel(
          'DepthwiseConv2dNativeBackpropFilter',
          { x: x!, dy: dy! },
          { ...attrsOf(c), filterShape: c.filter },
        ),
      }),
      { x: c.x, dy: outputShape(c, true), filter: c.filter },
      1e-5,
      { target },
    );
  });
});

test('depthwise conv2d with channels first is that with channels last', async () => {
  // tfjs's cpu kernel knows channels last only.
  const { first, last } = await runCompiled(
    ({ x, filter }: Inputs) => {
      const run = (image: tf.Tensor, dataFormat: string): tf.Tensor =>
        kernel(
          'DepthwiseConv2dNative',
          { x: image, filter: filter! },
          { strides: [2, 1], dilations: 1, pad: 'same', dataFormat },
        );
      return {
        first: run(tf.transpose(x!, [0, 3, 1, 2]), 'NCHW'),
        last: tf.transpose(run(x!, 'NHWC'), [0, 3, 1, 2]),
      };
    },
    { x: [2, 5, 6, 3], filter: [3, 2, 3, 2] },
  );
  expect(first?.shape).toEqual([2, 6, 3, 6]);
  expect(first).toEqual(last);
});

test('fused conv2d with channels first', async () => {
  expect.hasAssertions();
  for (const alpha of [[4], [1]]) {
    await expectLikeCpu(
      ({ x, filter, bias, slope }: Inputs) => ({
        y: tf.fused.conv2d({
          x: x as tf.Tensor4D,
          filter: filter as tf.Tensor4D,
          strides: 1,
          pad: 'valid',
          dataFormat: 'NCHW',
          bias: bias!,
          activation: 'prelu',
          preluActivationWeights: slope!,
        }),
      }),
      { x: [2, 3, 5, 4], filter: [2, 2, 3, 4], bias: [4], slope: alpha },
    );
  }
});

test('a transposed convolution of an image larger than its result reads the first rows and columns', async () => {
  expect.hasAssertions();
  await expectLikeCpu(
    ({ x, filter }: Inputs) => ({
      y: tf.conv2dTranspose(x as tf.Tensor4D, filter as tf.Tensor4D, [1, 3, 3, 2], 1, 'same'),
    }),
    { x: [1, 5, 6, 4], filter: [3, 3, 2, 4] },
  );
});

test('the gradient of a filter over no images is zero', async () => {
  expect.hasAssertions();
  const attrs = { strides: 1, pad: 'same', dataFormat: 'NHWC', filterShape: [3, 3, 2, 4] };
  await expectLikeCpu(
    ({ x, dy }: Inputs) => ({ dw: kernel('Conv2DBackpropFilter', { x: x!, dy: dy! }, attrs) }),
    { x: [0, 6, 5, 2], dy: [0, 6, 5, 4] },
  );
});

test('no images give none, whatever form their convolution takes', async () => {
  expect.hasAssertions();
  for (const filter of [
    [3, 3, 32, 32],
    [7, 7, 64, 64],
  ])
    // prettier-ignore
    await expectLikeCpu(
      ({ x, w }: Inputs) => ({ y: tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same') }),
      { x: [0, 28, 28, filter[2]!], w: filter },
    );
});

interface PoolCase {
  readonly filterSize: number | [number, number];
  readonly strides: number | [number, number];
  readonly pad: Pad;
  readonly dimRoundingMode?: 'floor' | 'ceil';
}

const poolCases: readonly [string, PoolCase][] = [
  ['2 x 2', { filterSize: 2, strides: 2, pad: 'valid' }],
  ['3 x 2, overlapping', { filterSize: [3, 2], strides: 1, pad: 'valid' }],
  ['same', { filterSize: 3, strides: 2, pad: 'same' }],
  ['padding by a number', { filterSize: 3, strides: 2, pad: 1 }],
  ['rounded up', { filterSize: 2, strides: 2, pad: 0, dimRoundingMode: 'ceil' }],
];

describe('pools', () => {
  const x = [2, 7, 6, 3] as const;
  const shapeOf = (c: PoolCase): number[] =>
    tf.backend_util.computePool2DInfo([...x], c.filterSize, c.strides, 1, c.pad, c.dimRoundingMode)
      .outShape;
  test.each(poolCases)('%s', async (_name, c) => {
    expect.hasAssertions();
    await expectLikeCpu(
      (inputs) => ({
        max: kernel('MaxPool', { x: inputs['x']! }, c),
        mean: kernel('AvgPool', { x: inputs['x']! }, c),
      }),
      { x },
    );
  });
  test.each(poolCases)('gradient of the largest value: %s', async (_name, c) => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ dy, input }: Inputs) => ({
        dx: kernel(
          'MaxPoolGrad',
          { dy: dy!, input: input!, output: kernel('MaxPool', { x: input! }, c) },
          c,
        ),
      }),
      { dy: shapeOf(c), input: x },
    );
  });
  test('padding as large as the window', async () => {
    expect.hasAssertions();
    const c = { filterSize: [2, 3], strides: 2, pad: 2 };
    await expectLikeCpu(
      ({ input }: Inputs) => {
        const output = kernel('MaxPool', { x: input! }, c);
        const dy = tf.sin(tf.maximum(output, -9)); // a window of padding alone has −∞
        return { output, dx: kernel('MaxPoolGrad', { dy, input: input!, output }, c) };
      },
      { input: x },
    );
    // By hand: tfjs's cpu kernel divides by zero where a window is padding alone, its kernel of volumes does not.
    const { mean } = await runCompiled(
      ({ input }: Inputs) => ({
        mean: kernel('AvgPool', { x: input! }, { filterSize: 2, strides: 1, pad: 2 }),
      }),
      { input: floats([1, 1, 2, 1], [3, 5]) },
    );
    const row = [0, 3, 4, 5, 0];
    expect(mean?.data).toEqual(Float32Array.of(0, 0, 0, 0, 0, ...row, ...row, 0, 0, 0, 0, 0));
  });
  test('of equal values, the first gets the gradient', async () => {
    expect.hasAssertions();
    const c = { filterSize: 2, strides: 2, pad: 'valid' };
    await expectLikeCpu(
      ({ dy, input }: Inputs) => ({
        dx: kernel('MaxPoolGrad', { dy: dy!, input: input!, output: dy! }, c),
      }),
      { dy: [1, 2, 2, 1], input: floats([1, 4, 4, 1], new Array<number>(16).fill(0.5)) },
    );
  });
  test.each(poolCases)('gradient of the mean: %s', async (_name, c) => {
    // tfjs's own gradient divides by the whole window at the border, so the mean is differentiated by finite differences.
    const mean = ({ input }: Inputs): Record<string, tf.Tensor> => ({
      y: kernel('AvgPool', { x: input! }, c),
    });
    const { compiled } = await runBoth(
      ({ dy, input }: Inputs) => ({ dx: kernel('AvgPoolGrad', { dy: dy!, input: input! }, c) }),
      { dy: shapeOf(c), input: x },
    );
    const dy = (await runBoth(({ dy: same }) => ({ dy: tf.add(same!, 0) }), { dy: shapeOf(c) }))
      .eager['dy'];
    const size = x.reduce((a, b) => a * b, 1);
    const want = new Float32Array(size);
    // Pooling is linear: the derivative by one pixel is the pool of an image with that pixel alone.
    tf.tidy(() => {
      for (let i = 0; i < size; i += 5) {
        const one = tf.tensor(
          Float32Array.from({ length: size }, (_, at) => Number(at === i)),
          [...x],
        );
        const pooled = mean({ input: one })['y']!.dataSync<'float32'>();
        want[i] = pooled.reduce((sum, value, at) => sum + value * (dy?.data[at] ?? 0), 0);
      }
    });
    const got = (compiled['dx']?.data ?? new Float32Array()).filter((_, i) => i % 5 === 0);
    expectClose(
      'dx',
      got,
      want.filter((_, i) => i % 5 === 0),
      1e-5,
    );
  });
});

describe('resizing', () => {
  const x: TestInput = [2, 5, 6, 3];
  const sizes: readonly (readonly [number, number])[] = [
    [10, 12],
    [7, 9],
    [3, 2],
    [1, 1],
  ];
  const modes = [
    [false, false],
    [true, false],
    [false, true],
  ] as const;
  test.each(modes)(
    'bilinear and nearest, alignCorners %s, halfPixelCenters %s',
    async (align, half) => {
      expect.hasAssertions();
      for (const size of sizes) {
        const attrs = { size, alignCorners: align, halfPixelCenters: half };
        await expectLikeCpu(
          ({ images }: Inputs) => ({
            linear: kernel('ResizeBilinear', { images: images! }, attrs),
            nearest: kernel('ResizeNearestNeighbor', { images: images! }, attrs),
          }),
          { images: x },
        );
      }
    },
  );
  test('gradients', async () => {
    expect.hasAssertions();
    for (const alignCorners of [false, true]) {
      // tfjs's gradients are right without half pixel centres, the nearest one for one image, and only if square.
      const attrs = { alignCorners, halfPixelCenters: false };
      await expectLikeCpu(
        ({ images, dy }: Inputs) => ({
          linear: kernel('ResizeBilinearGrad', { images: images!, dy: dy! }, attrs),
          nearest: kernel('ResizeNearestNeighborGrad', { images: images!, dy: dy! }, attrs),
        }),
        { images: [1, 5, 5, 2], dy: [1, 10, 8, 2] },
      );
    }
  });
  test('the gradient is the transpose, with half pixel centres and for more than one image', async () => {
    const attrs = { alignCorners: false, halfPixelCenters: true };
    // <dy, resize(x)> = <gradient(dy), x> for a linear map.
    for (const name of ['ResizeBilinear', 'ResizeNearestNeighbor']) {
      // tfjs swaps height and width in the shape of this gradient, so the eager side cannot run it unless square.
      const compiled = await runCompiled(
        ({ images, dy }: Inputs) => ({
          left: tf.sum(tf.mul(dy!, kernel(name, { images: images! }, { ...attrs, size: [7, 9] }))),
          right: tf.sum(
            tf.mul(images!, kernel(`${name}Grad`, { images: images!, dy: dy! }, attrs)),
          ),
        }),
        { images: [3, 4, 6, 2], dy: [3, 7, 9, 2] },
      );
      expect(compiled['left']?.data[0]).toBeCloseTo(compiled['right']?.data[0] ?? NaN, 3);
    }
  });
});

describe('batch norm, depth and space', () => {
  test('batchNorm', async () => {
    expect.hasAssertions();
    const norm = ({ x, mean, variance, offset, scale }: Inputs): Record<string, tf.Tensor> => ({
      full: tf.batchNorm(
        x!,
        mean as tf.Tensor1D,
        tf.abs(variance as tf.Tensor1D),
        offset as tf.Tensor1D,
        scale as tf.Tensor1D,
        1e-3,
      ),
      bare: tf.batchNorm(x!, mean as tf.Tensor1D, tf.abs(variance as tf.Tensor1D)),
      scaled: tf.batchNorm(
        x!,
        mean as tf.Tensor1D,
        tf.abs(variance as tf.Tensor1D),
        undefined,
        scale as tf.Tensor1D,
      ),
    });
    await expectLikeCpu(
      norm,
      { x: [2, 4, 4, 3], mean: [3], variance: [3], offset: [3], scale: [3] },
      1e-4,
    );
    await expectLikeCpu(
      norm,
      { x: [4, 3], mean: [3], variance: [3], offset: [3], scale: [3] },
      1e-4,
    );
  });
  test('depthToSpace with channels first is that with channels last', async () => {
    // tfjs's cpu kernel knows channels last only.
    const { first, last } = await runCompiled(
      ({ x }: Inputs) => {
        const turned = tf.transpose(x!, [0, 3, 1, 2]) as tf.Tensor4D;
        return {
          first: tf.depthToSpace(turned, 2, 'NCHW'),
          last: tf.transpose(tf.depthToSpace(x as tf.Tensor4D, 2), [0, 3, 1, 2]),
        };
      },
      { x: [2, 3, 4, 8] },
    );
    expect(first).toEqual(last);
  });
  test('depthToSpace', async () => {
    expect.hasAssertions();
    await expectLikeCpu(({ x }) => ({ y: tf.depthToSpace(x as tf.Tensor4D, 2) }), {
      x: [2, 3, 4, 12],
    });
  });
  test('spaceToBatchND and batchToSpaceND', async () => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x }) => ({ y: tf.spaceToBatchND(x!, [2, 3], [[1, 0], [0, 2]]) }), // prettier-ignore
      { x: [2, 3, 4, 2] },
    );
    await expectLikeCpu(
      ({ x }) => ({ y: tf.batchToSpaceND(x!, [2, 3], [[1, 0], [0, 2]]) }), // prettier-ignore
      { x: [12, 3, 2, 2] },
    );
  });
});

describe('layouts', () => {
  test('a value stays with channels first between convolutions, whatever lies between', async () => {
    expect.hasAssertions();
    await expectLikeCpu(
      ({ x, w, v, bias, noise }: Inputs) => {
        const first = tf.add(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'), bias!);
        const cut = tf.slice(tf.pad(tf.relu(first), [[0, 0], [1, 0], [0, 2], [0, 0]]), [0, 1, 0, 0], [2, 6, 8, 4]); // prettier-ignore
        const parts = tf.split(
          tf.concat([cut, tf.reverse(cut, 2), tf.tile(noise!, [1, 6, 8, 1])], 3),
          [4, 5],
          3,
        );
        const scaled = tf.mul(
          tf.add(
            parts[0]!,
            tf.slice(tf.mean(parts[1]!, [1, 2], true), [0, 0, 0, 1], [-1, 1, 1, 4]),
          ),
          0.5,
        );
        const where = tf.where(tf.greater(scaled, 0), scaled, tf.mul(scaled, tf.ones([6, 1, 4])));
        const second = tf.conv2d(where as tf.Tensor4D, v as tf.Tensor4D, 2, 'valid');
        return {
          second,
          perChannel: tf.sum(second, [0, 1, 2]),
          perRow: tf.max(second, [0, 2]),
          flat: tf.reshape(second, [2, -1]),
          channelsFirst: tf.transpose(second, [0, 3, 1, 2]),
          mirrored: tf.mirrorPad(second, [[0, 0], [1, 1], [0, 1], [0, 0]], 'reflect'), // prettier-ignore
          gathered: tf.gather(second, tf.tensor1d([1, 0], 'int32'), 3),
        };
      },
      { x: [2, 6, 6, 3], w: [3, 3, 3, 4], v: [3, 3, 4, 3], bias: [4], noise: [2, 1, 1, 1] },
    );
  });
});
