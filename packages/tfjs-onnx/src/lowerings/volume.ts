// What works on volumes: tfjs has them as [B, D, H, W, C], ONNX as [B, C, D, H, W].
import { backend_util } from '@tensorflow/tfjs-core';
import type { OnnxValue } from '../onnx/onnx-graph.js';
import type { WindowGeometry } from './conv-geometry.js';
import type { Lowering } from './lowering.js';

type Triple = [number, number, number] | number;

/** Attributes that tfjs's convolutions and pools of volumes share. */
export interface VolumeAttrs {
  readonly strides: Triple;
  readonly pad: 'valid' | 'same' | number;
  readonly dilations?: Triple;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Work out the sizes of a convolution, all as [depth, height, width]. */
export function conv3dGeometry(
  xShape: readonly number[],
  filterShape: readonly number[],
  attrs: VolumeAttrs,
): WindowGeometry {
  return geometry(
    backend_util.computeConv3DInfo(
      five(xShape),
      five(filterShape),
      attrs.strides,
      attrs.dilations ?? 1,
      // tfjs's type leaves out numbers, which its function takes.
      attrs.pad as 'valid',
    ),
  );
}

/** Work out the sizes of a pool, all as [depth, height, width]. */
export function pool3dGeometry(
  xShape: readonly number[],
  attrs: VolumeAttrs & { readonly filterSize: Triple },
): WindowGeometry {
  return geometry(
    backend_util.computePool3DInfo(
      five(xShape),
      attrs.filterSize,
      attrs.strides,
      1,
      attrs.pad,
      attrs.dimRoundingMode,
    ),
  );
}

/** [B, D, H, W, C] → [B, C, D, H, W] */
export function channelsFirst(l: Lowering, x: OnnxValue): OnnxValue {
  return l.transpose(x, [0, 4, 1, 2, 3]);
}

/** [B, C, D, H, W] → [B, D, H, W, C] */
export function channelsLast(l: Lowering, x: OnnxValue): OnnxValue {
  return l.transpose(x, [0, 2, 3, 4, 1]);
}

function geometry(info: ReturnType<typeof backend_util.computeConv3DInfo>): WindowGeometry {
  const input = [info.inDepth, info.inHeight, info.inWidth];
  const output = [info.outDepth, info.outHeight, info.outWidth];
  const strides = [info.strideDepth, info.strideHeight, info.strideWidth];
  const before = [info.padInfo.front, info.padInfo.top, info.padInfo.left];
  const reach = [info.effectiveFilterDepth, info.effectiveFilterHeight, info.effectiveFilterWidth];
  return {
    batch: info.batchSize,
    inChannels: info.inChannels,
    outChannels: info.outChannels,
    input,
    output,
    kernel: [info.filterDepth, info.filterHeight, info.filterWidth],
    strides,
    dilations: [info.dilationDepth, info.dilationHeight, info.dilationWidth],
    before,
    after: output.map(
      (size, i) =>
        (size - 1) * (strides[i] ?? 1) + (reach[i] ?? 1) - (input[i] ?? 1) - (before[i] ?? 0),
    ),
    outShape: info.outShape,
  };
}

function five(shape: readonly number[]): [number, number, number, number, number] {
  return [shape[0] ?? 1, shape[1] ?? 1, shape[2] ?? 1, shape[3] ?? 1, shape[4] ?? 1];
}
