// One call of every kernel, from which the README's table of kernels is made.
import * as tf from '@tensorflow/tfjs-core';

/** Tensors to call a kernel with; all but `i` are of the element type under test. */
export interface SampleTensors {
  readonly v: tf.Tensor1D; // [4]
  readonly m: tf.Tensor2D; // [3, 4]
  readonly im: tf.Tensor4D; // [1, 6, 6, 4]
  readonly vol: tf.Tensor5D; // [1, 4, 4, 4, 2]
  readonly w: tf.Tensor4D; // [3, 3, 4, 4]
  readonly w3: tf.Tensor5D; // [2, 2, 2, 2, 2]
  readonly i: tf.Tensor1D; // [4], int32
}

/** Shapes of {@link SampleTensors}. */
export const SAMPLE_SHAPES = {
  v: [4],
  m: [3, 4],
  im: [1, 6, 6, 4],
  vol: [1, 4, 4, 4, 2],
  w: [3, 3, 4, 4],
  w3: [2, 2, 2, 2, 2],
  i: [4],
} as const;

type Sample = (s: SampleTensors) => tf.Tensor | readonly tf.Tensor[];

const run = (kernel: string, inputs: tf.NamedTensorMap, attrs: object = {}): tf.Tensor =>
  tf.engine().runKernel<tf.Tensor>(kernel, inputs, attrs as tf.NamedAttrMap);
const runAll = (kernel: string, inputs: tf.NamedTensorMap, attrs: object = {}): tf.Tensor[] =>
  tf.engine().runKernel<tf.Tensor[]>(kernel, inputs, attrs as tf.NamedAttrMap);
const unary = (kernel: string): Sample => ({ m }) => run(kernel, { x: m }); // prettier-ignore
const binary = (kernel: string): Sample => ({ m, v }) => run(kernel, { a: m, b: v }); // prettier-ignore
const reduction = (kernel: string): Sample => ({ m }) => run(kernel, { x: m }, { axis: [1], keepDims: false }); // prettier-ignore

const CONV = { strides: 1, pad: 'same', dataFormat: 'NHWC', dilations: 1 };
const CONV3 = { strides: [1, 1, 1], pad: 'same', dataFormat: 'NDHWC', dilations: [1, 1, 1] };
const POOL = { filterSize: [2, 2], strides: [2, 2], pad: 'valid' };
const POOL3 = { filterSize: 2, strides: 2, pad: 'valid', dataFormat: 'NDHWC' };
const LRN = { depthRadius: 2, bias: 1, alpha: 1, beta: 0.5 };
const DILATE = { strides: [1, 1], pad: 'same', dilations: [1, 1] };
const RESIZE = { alignCorners: false, halfPixelCenters: false };

const flat = (x: tf.Tensor): tf.Tensor1D => tf.reshape(x, [-1]);
/** The first numbers of a tensor, in a shape. */
const part = (x: tf.Tensor, ...shape: number[]): tf.Tensor =>
  tf.reshape(tf.slice(flat(x), 0, shape.reduce((a, b) => a * b, 1)), shape); // prettier-ignore
const half = ({ im }: SampleTensors): tf.Tensor => part(im, 1, 3, 3, 4);

/** By kernel. */
export const KERNEL_SAMPLES: Readonly<Record<string, Sample>> = {
  ...Object.fromEntries(
    'Abs Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Elu Erf Exp Expm1 Floor Identity IsFinite IsInf IsNan Log Log1p LogicalNot Neg OnesLike Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus Sqrt Square Tan Tanh ZerosLike'
      .split(' ')
      .map((kernel) => [kernel, unary(kernel)]),
  ),
  ...Object.fromEntries(
    'Add Atan2 BitwiseAnd Equal FloorDiv Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr Maximum Minimum Mod Multiply NotEqual Pow RealDiv SquaredDifference Sub'
      .split(' ')
      .map((kernel) => [kernel, binary(kernel)]),
  ),
  ...Object.fromEntries(
    'All Any Max Mean Min Prod Sum'.split(' ').map((kernel) => [kernel, reduction(kernel)]),
  ),
  AddN: ({ m }) => tf.engine().runKernel<tf.Tensor>('AddN', [m, m, m] as never),
  ArgMax: ({ m }) => run('ArgMax', { x: m }, { axis: 1 }),
  ArgMin: ({ m }) => run('ArgMin', { x: m }, { axis: 1 }),
  AvgPool: ({ im }) => run('AvgPool', { x: im }, POOL),
  AvgPool3D: ({ vol }) => run('AvgPool3D', { x: vol }, POOL3),
  AvgPool3DGrad: ({ vol }) => run('AvgPool3DGrad', { dy: part(vol, 1, 2, 2, 2, 2), input: vol }, POOL3), // prettier-ignore
  AvgPoolGrad: (s) => run('AvgPoolGrad', { dy: half(s), input: s.im }, POOL),
  BatchMatMul: ({ m }) => run('BatchMatMul', { a: tf.reshape(m, [1, 3, 4]), b: tf.reshape(m, [1, 4, 3]) }, { transposeA: false, transposeB: false }), // prettier-ignore
  BatchToSpaceND: ({ im }) => run('BatchToSpaceND', { x: part(im, 4, 2, 2, 1) }, { blockShape: [2, 2], crops: [[0, 0], [0, 0]] }), // prettier-ignore
  Bincount: ({ v, i }) => run('Bincount', { x: i, weights: v }, { size: 4 }),
  BroadcastArgs: ({ i }) => run('BroadcastArgs', { s0: i, s1: i }),
  BroadcastTo: ({ v }) => run('BroadcastTo', { x: v }, { shape: [3, 4] }),
  Cast: ({ m }) => run('Cast', { x: m }, { dtype: m.dtype === 'int32' ? 'float32' : 'int32' }),
  ClipByValue: ({ m }) => run('ClipByValue', { x: m }, { clipValueMin: 0, clipValueMax: 1 }),
  Concat: ({ m }) => tf.engine().runKernel<tf.Tensor>('Concat', [m, m] as never, { axis: 1 }),
  Conv2D: ({ im, w }) => run('Conv2D', { x: im, filter: w }, CONV),
  Conv2DBackpropFilter: ({ im }) => run('Conv2DBackpropFilter', { x: im, dy: im }, { ...CONV, filterShape: [3, 3, 4, 4] }), // prettier-ignore
  Conv2DBackpropInput: ({ im, w }) => run('Conv2DBackpropInput', { dy: im, filter: w }, { ...CONV, inputShape: im.shape }), // prettier-ignore
  Conv3D: ({ vol, w3 }) => run('Conv3D', { x: vol, filter: w3 }, CONV3),
  Conv3DBackpropFilterV2: ({ vol }) => run('Conv3DBackpropFilterV2', { x: vol, dy: vol }, { ...CONV3, filterShape: [2, 2, 2, 2, 2] }), // prettier-ignore
  Conv3DBackpropInputV2: ({ vol, w3 }) => run('Conv3DBackpropInputV2', { dy: vol, filter: w3 }, { ...CONV3, inputShape: vol.shape }), // prettier-ignore
  CropAndResize: ({ im, m, i }) => run('CropAndResize', { image: im, boxes: m, boxInd: tf.slice(i, 0, 3) }, { cropSize: [2, 2], method: 'bilinear', extrapolationValue: 0 }), // prettier-ignore
  Cumprod: ({ m }) => run('Cumprod', { x: m }, { axis: 1, exclusive: false, reverse: false }),
  Cumsum: ({ m }) => run('Cumsum', { x: m }, { axis: 1, exclusive: false, reverse: false }),
  DenseBincount: ({ m, i }) => run('DenseBincount', { x: tf.reshape(i, [1, 4]), weights: part(m, 1, 4) }, { size: 4, binaryOutput: false }), // prettier-ignore
  DepthToSpace: ({ im }) => run('DepthToSpace', { x: im }, { blockSize: 2, dataFormat: 'NHWC' }),
  DepthwiseConv2dNative: ({ im, w }) => run('DepthwiseConv2dNative', { x: im, filter: part(w, 3, 3, 4, 1) }, CONV), // prettier-ignore
  DepthwiseConv2dNativeBackpropFilter: ({ im }) => run('DepthwiseConv2dNativeBackpropFilter', { x: im, dy: im }, { ...CONV, filterShape: [3, 3, 4, 1] }), // prettier-ignore
  DepthwiseConv2dNativeBackpropInput: ({ im, w }) => run('DepthwiseConv2dNativeBackpropInput', { dy: im, filter: part(w, 3, 3, 4, 1) }, { ...CONV, inputShape: im.shape }), // prettier-ignore
  Diag: ({ v }) => run('Diag', { x: v }),
  Dilation2D: ({ im, w }) => run('Dilation2D', { x: im, filter: part(w, 3, 3, 4) }, DILATE),
  Dilation2DBackpropFilter: ({ im, w }) => run('Dilation2DBackpropFilter', { x: im, filter: part(w, 3, 3, 4), dy: im }, DILATE), // prettier-ignore
  Dilation2DBackpropInput: ({ im, w }) => run('Dilation2DBackpropInput', { x: im, filter: part(w, 3, 3, 4), dy: im }, DILATE), // prettier-ignore
  Einsum: ({ m }) => tf.engine().runKernel<tf.Tensor>('Einsum', [m, m] as never, { equation: 'ij,kj->ik' }), // prettier-ignore
  EluGrad: ({ m }) => run('EluGrad', { dy: m, y: m }),
  ExpandDims: ({ m }) => run('ExpandDims', { input: m }, { dim: 1 }),
  Fill: ({ m }) => run('Fill', {}, { shape: [2, 3], value: 1, dtype: m.dtype }),
  FlipLeftRight: ({ im }) => run('FlipLeftRight', { image: im }),
  FusedBatchNorm: ({ im, v }) => run('FusedBatchNorm', { x: im, scale: v, offset: v, mean: v, variance: v }, { varianceEpsilon: 0.001 }), // prettier-ignore
  FusedConv2D: ({ im, w, v }) => run('FusedConv2D', { x: im, filter: w, bias: v }, { ...CONV, activation: 'relu' }), // prettier-ignore
  FusedDepthwiseConv2D: ({ im, w, v }) => run('FusedDepthwiseConv2D', { x: im, filter: part(w, 3, 3, 4, 1), bias: v }, { ...CONV, activation: 'relu' }), // prettier-ignore
  GatherNd: ({ m, i }) => run('GatherNd', { params: m, indices: tf.reshape(i, [2, 2]) }),
  GatherV2: ({ m, i }) => run('GatherV2', { x: m, indices: i }, { axis: 1, batchDims: 0 }),
  LRN: ({ im }) => run('LRN', { x: im }, LRN),
  LRNGrad: ({ im }) => run('LRNGrad', { x: im, y: im, dy: im }, LRN),
  LeakyRelu: ({ m }) => run('LeakyRelu', { x: m }, { alpha: 0.2 }),
  LinSpace: () => run('LinSpace', {}, { start: 0, stop: 1, num: 5 }),
  LogSoftmax: ({ m }) => run('LogSoftmax', { logits: m }, { axis: 1 }),
  MaxPool: ({ im }) => run('MaxPool', { x: im }, POOL),
  MaxPool3D: ({ vol }) => run('MaxPool3D', { x: vol }, POOL3),
  MaxPool3DGrad: ({ vol }) => run('MaxPool3DGrad', { dy: part(vol, 1, 2, 2, 2, 2), input: vol, output: part(vol, 1, 2, 2, 2, 2) }, POOL3), // prettier-ignore
  MaxPoolGrad: (s) => run('MaxPoolGrad', { dy: half(s), input: s.im, output: half(s) }, POOL),
  MaxPoolWithArgmax: ({ im }) => runAll('MaxPoolWithArgmax', { x: im }, { ...POOL, includeBatchInIndex: false }), // prettier-ignore
  MirrorPad: ({ m }) => run('MirrorPad', { x: m }, { paddings: [[1, 1], [0, 2]], mode: 'reflect' }), // prettier-ignore
  NonMaxSuppressionV4: ({ m, v }) => runAll('NonMaxSuppressionV4', { boxes: m, scores: tf.slice(v, 0, 3) }, { maxOutputSize: 2, iouThreshold: 0.5, scoreThreshold: 0, padToMaxOutputSize: true }), // prettier-ignore
  OneHot: ({ i, m }) => run('OneHot', { indices: i }, { depth: 3, onValue: 1, offValue: 0, dtype: m.dtype }), // prettier-ignore
  Pack: ({ m }) => tf.engine().runKernel<tf.Tensor>('Pack', [m, m] as never, { axis: 0 }),
  PadV2: ({ m }) => run('PadV2', { x: m }, { paddings: [[1, 1], [0, 2]], constantValue: 0 }), // prettier-ignore
  Prelu: ({ m, v }) => run('Prelu', { x: m, alpha: v }),
  Range: ({ m }) => run('Range', {}, { start: 0, stop: 4, step: 1, dtype: m.dtype }),
  Reshape: ({ m }) => run('Reshape', { x: m }, { shape: [4, 3] }),
  ResizeBilinear: ({ im }) => run('ResizeBilinear', { images: im }, { ...RESIZE, size: [9, 9] }),
  ResizeBilinearGrad: (s) => run('ResizeBilinearGrad', { images: half(s), dy: s.im }, RESIZE),
  ResizeNearestNeighbor: ({ im }) => run('ResizeNearestNeighbor', { images: im }, { ...RESIZE, size: [9, 9] }), // prettier-ignore
  ResizeNearestNeighborGrad: (s) => run('ResizeNearestNeighborGrad', { images: half(s), dy: s.im }, RESIZE), // prettier-ignore
  Reverse: ({ m }) => run('Reverse', { x: m }, { dims: [1] }),
  RotateWithOffset: ({ im }) => run('RotateWithOffset', { image: im }, { radians: 0.3, fillValue: 0, center: 0.5 }), // prettier-ignore
  ScatterNd: ({ i, v }) => run('ScatterNd', { indices: tf.reshape(i, [4, 1]), updates: v }, { shape: [6] }), // prettier-ignore
  SearchSorted: ({ m }) => run('SearchSorted', { sortedSequence: m, values: m }, { side: 'left' }),
  Select: ({ m }) => run('Select', { condition: tf.cast(m, 'bool'), t: m, e: m }),
  Slice: ({ m }) => run('Slice', { x: m }, { begin: [0, 1], size: [2, 2] }),
  Softmax: ({ m }) => run('Softmax', { logits: m }, { dim: 1 }),
  SpaceToBatchND: ({ im }) => run('SpaceToBatchND', { x: im }, { blockShape: [2, 2], paddings: [[0, 0], [0, 0]] }), // prettier-ignore
  SparseReshape: ({ i }) => runAll('SparseReshape', { inputIndices: tf.reshape(i, [2, 2]), inputShape: tf.tensor1d([2, 6], 'int32'), newShape: tf.tensor1d([3, 4], 'int32') }), // prettier-ignore
  SparseToDense: ({ i, v }) => run('SparseToDense', { sparseIndices: tf.reshape(i, [4, 1]), sparseValues: v, defaultValue: tf.reshape(tf.slice(v, 0, 1), []) }, { outputShape: [6] }), // prettier-ignore
  SplitV: ({ m }) => runAll('SplitV', { x: m }, { numOrSizeSplits: [1, 3], axis: 1 }),
  Step: ({ m }) => run('Step', { x: m }, { alpha: 0 }),
  StridedSlice: ({ m }) => run('StridedSlice', { x: m }, { begin: [0, 3], end: [3, 0], strides: [1, -1], beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 }), // prettier-ignore
  TensorScatterUpdate: ({ v, i }) => run('TensorScatterUpdate', { tensor: v, indices: tf.reshape(i, [4, 1]), updates: v }), // prettier-ignore
  Tile: ({ m }) => run('Tile', { x: m }, { reps: [1, 2] }),
  TopK: ({ m }) => runAll('TopK', { x: m }, { k: 2, sorted: true }),
  Transform: ({ im, m }) => run('Transform', { image: im, transforms: part(m, 1, 8) }, { interpolation: 'bilinear', fillMode: 'constant', fillValue: 0, outputShape: [6, 6] }), // prettier-ignore
  Transpose: ({ m }) => run('Transpose', { x: m }, { perm: [1, 0] }),
  Unpack: ({ m }) => runAll('Unpack', { value: m }, { axis: 0 }),
  UnsortedSegmentSum: ({ m, i }) => run('UnsortedSegmentSum', { x: m, segmentIds: tf.slice(i, 0, 3) }, { numSegments: 4 }), // prettier-ignore
  _FusedMatMul: ({ m }) => run('_FusedMatMul', { a: m, b: tf.reshape(m, [4, 3]) }, { transposeA: false, transposeB: false, activation: 'relu' }), // prettier-ignore
};

/** What else is to be known of some kernels. */
export const KERNEL_NOTES: Readonly<Record<string, string>> = {
  Conv2D: 'parts of the channels, joined again, become one with groups',
  Conv2DBackpropFilter: 'on processors as products of shifted copies',
  Fill: 'one number, wherever that is enough',
  FusedConv2D: 'taken apart into convolution, bias and activation',
  FusedDepthwiseConv2D: 'taken apart into convolution, bias and activation',
  LinSpace: 'its numbers are constants',
  Multinomial: 'in the lazy backend only: its random numbers are inputs',
  NonMaxSuppressionV4: 'padToMaxOutputSize has to be true',
  Range: 'its numbers are constants',
  _FusedMatMul: 'taken apart into product, bias and activation',
};
