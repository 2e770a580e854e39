import { backend_util } from '@tensorflow/tfjs-core';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import { computeAlone, type Machine } from './compute-alone.js';
import { collect, graphOf } from './pending-graph.js';
import type { RunInput } from './session-runner.js';
import { fill, type Slot } from './slot.js';

/** Computes slots, one batch after another. Batches never reject: what went wrong stands in the slots. */
export class ComputeQueue {
  private tail: Promise<void> = Promise.resolve();
  private closed = false;
  private warned = false;
  private readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Compute slots after all batches before; resolves when each has values or a failure. */
  add(wanted: readonly Slot[]): Promise<void> {
    this.tail = this.tail.then(() => this.compute(wanted));
    return this.tail;
  }

  /** Fail what still waits, and release all sessions. */
  close(): Promise<void> {
    this.closed = true;
    this.tail = this.tail.then(() => this.machine.cache.clear());
    return this.tail;
  }

  private async compute(wanted: readonly Slot[]): Promise<void> {
    const pending = wanted.filter(({ data, failure }) => data === null && failure === null);
    if (this.closed) {
      for (const slot of pending) slot.failure = closedError();
      return;
    }
    const { cache, runner, slotOf } = this.machine;
    const graph = collect(pending, slotOf);
    const { key, leaves, outputs } = graph;
    if (outputs.length === 0) return;
    try {
      const program = await cache.get(key, () => graphOf(graph, slotOf));
      const results = await runner.run(program, leaves.map(inputOf), outputs.length);
      outputs.forEach((slot, i) => fill(slot, results[i] ?? missing(), slotOf));
    } catch (cause) {
      // A session that failed may have reached a state of which nothing is known.
      await cache.drop(key).catch(() => {});
      const failed = await computeAlone(graph, this.machine);
      if (failed === 0) this.warn(graph.nodes.length, cause);
    }
  }

  private warn(count: number, cause: unknown): void {
    if (this.warned) return;
    this.warned = true;
    const reason = cause instanceof Error ? cause.message : String(cause);
    backend_util.warn(
      `onnxruntime backend: a graph of ${count} operations failed as a whole and was computed one operation at a time, which is slow: ${reason}`,
    );
  }
}

function inputOf({ value, data }: Slot): RunInput {
  if (value === null || data === null || Array.isArray(data)) return missing();
  return { shape: value.shape, dtype: value.dtype, data };
}

function closedError(): TfjsOnnxError {
  return new TfjsOnnxError(
    'TFJS_ONNX_DISPOSED',
    'data: the onnxruntime backend was removed before the values were computed.',
  );
}

function missing(): never {
  throw new Error('an input or output of the graph has no values');
}
