import type { BorderDType } from './graph/graph.js';

/** A tensor on the host. bool and uint8 values are bytes. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly dtype: BorderDType;
  readonly data: Float32Array | Int32Array | Uint8Array;
}
