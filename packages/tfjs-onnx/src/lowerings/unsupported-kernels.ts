const COMPLEX = 'ONNX has no complex numbers.';
const RAGGED = 'the sizes of ragged rows depend on values, and sizes in a graph are fixed.';
const STRINGS = 'tensors of strings have no place in a numeric graph.';

/** Kernels of tfjs's cpu backend that are not translated to ONNX, each with the reason. */
export const UNSUPPORTED_KERNELS: Readonly<Record<string, string>> = {
  Complex: COMPLEX,
  ComplexAbs: COMPLEX,
  Draw: 'it paints on a canvas of the page and makes no tensor.',
  FFT: COMPLEX,
  IFFT: COMPLEX,
  Imag: COMPLEX,
  NonMaxSuppressionV3:
    'the number of boxes that are left depends on values; tf.image.nonMaxSuppressionPadded with padToMaxOutputSize has a fixed one.',
  NonMaxSuppressionV5:
    'the number of boxes that are left depends on values, and soft suppression has no form with a fixed one.',
  RaggedGather: RAGGED,
  RaggedRange: RAGGED,
  RaggedTensorToTensor: RAGGED,
  Real: COMPLEX,
  SparseFillEmptyRows: 'the number of rows that are added depends on values.',
  SparseSegmentMean:
    'the number of segments depends on values; tf.unsortedSegmentSum over tf.gather takes a fixed one.',
  SparseSegmentSum:
    'the number of segments depends on values; tf.unsortedSegmentSum over tf.gather takes a fixed one.',
  StaticRegexReplace: STRINGS,
  StringNGrams: STRINGS,
  StringSplit: STRINGS,
  StringToHashBucketFast: STRINGS,
  Unique: 'the number of different values depends on values.',
};
