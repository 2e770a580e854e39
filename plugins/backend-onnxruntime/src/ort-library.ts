import type { OrtModule } from '@lapyra/tfjs-onnx';
import type { InferenceSession } from 'onnxruntime-common';

/** One of ONNX Runtime's packages, and how its sessions are made here. */
export interface OrtLibrary {
  readonly ort: OrtModule;
  /** Processor and versions, for people. */
  readonly device: string;
  readonly sessionOptions: InferenceSession.SessionOptions;
  /** Whether the state of programs stays in a device's memory, out of the processor's reach. Default: it does not. */
  readonly onDevice?: boolean;
}

/**
 * Session options that suit training: peak memory is lower by a third without the memory pattern, and parallel execution
 * of nodes is slower than sequential. Threads that wait spin for 50 µs at most, which takes hardly any time from other
 * processes, and share work out in small parts. Nothing is logged: what fails is thrown.
 */
export function sessionOptions(
  provider: 'cpu' | 'wasm' | 'webgpu' | 'cuda' | 'dml' | 'coreml',
  threads: number | undefined,
): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    enableMemPattern: false,
    interOpNumThreads: 1,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    logSeverityLevel: 4,
    extra: {
      session: {
        intra_op: { allow_spinning: '1', spin_duration_us: '50' },
        force_spinning_stop: '1',
        dynamic_block_base: '4',
      },
    },
  };
}
