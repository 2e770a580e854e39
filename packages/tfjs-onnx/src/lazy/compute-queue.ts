import { backend_util } from '@tensorflow/tfjs-core';
import { sizeOf, type ConstantData } from '../graph/graph.js';
import { TfjsOnnxError } from '../tfjs-onnx-error.js';
import { computeAlone, type Machine } from './compute-alone.js';
import { collect, graphOf, type PendingGraph } from './pending-graph.js';
import type { Program } from './program-cache.js';
import type { RunInput } from './session-runner.js';
import { fill, type Batch, type Slot } from './slot.js';

/** When results of so many bytes are on their way, the next batch waits for them. */
const MOST_BYTES = 2 ** 27;

interface Failure {
  readonly cause: unknown;
}

/** A batch whose run has begun. */
interface Launched {
  readonly batch: Batch;
  readonly graph: PendingGraph;
  /** The batches that wrote what this one reads. */
  readonly parents: readonly Batch[];
  /** Null if there is none to run. */
  readonly program: Program | null;
  /** What the run came to. */
  readonly outcome: Promise<readonly ConstantData[] | Failure>;
}

/**
 * Computes slots, one batch after another. Batches never reject: what went wrong stands in the slots.
 *
 * onnxruntime-node begins a run in a turn of its own of the event loop, and code that records without pause leaves few of them. So a batch
 * is launched, where the runtime allows it, before those that it reads from have ended: they end first.
 */
export class ComputeQueue {
  private launching: Promise<unknown> = Promise.resolve();
  private settling: Promise<void> = Promise.resolve();
  /** Of results that are on their way. */
  private bytes = 0;
  private closed = false;
  private warned = false;
  private readonly machine: Machine;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Compute slots after all batches before; resolves when each has values or a failure. */
  add(wanted: readonly Slot[]): Promise<void> {
    const earlier = this.settling;
    const failed = (cause: unknown): null => failAll(wanted, cause);
    const launched = this.launching.then(() => this.launch(wanted, earlier)).catch(failed);
    const settled = earlier
      .then(async () => {
        const batch = await launched;
        if (batch !== null) await this.settle(batch);
      })
      .catch((cause: unknown) => void failed(cause));
    this.launching = launched.then(() => (this.bytes > MOST_BYTES ? settled : undefined));
    this.settling = settled;
    return settled;
  }

  /** Fail what still waits, and release all sessions. */
  close(): Promise<void> {
    this.closed = true;
    this.settling = this.settling.then(() => this.machine.cache.clear());
    return this.settling;
  }

  private async launch(wanted: readonly Slot[], earlier: Promise<void>): Promise<Launched | null> {
    const { cache, runner } = this.machine;
    if (!runner.chained) await earlier;
    const pending = wanted.filter((slot) => slot.data === null && slot.failure === null);
    if (this.closed) {
      for (const slot of pending) slot.failure = closedError();
      return null;
    }
    const graph = collect(pending);
    if (graph.outputs.length === 0) return null;
    const batch: Batch = { spoiled: false };
    const parents = graph.leaves.flatMap(({ flight }) => flight?.batch ?? []);
    let program: Program | null = null;
    try {
      program = await cache.enter(graph.key, () => graphOf(graph));
      this.bytes += bytesOf(graph.outputs);
      const run = runner.start(program, graph.leaves.map(inputOf), graph.outputs.map(typeOf));
      graph.outputs.forEach((slot, i) => {
        slot.flight = { batch, data: run.data[i] ?? missing() };
      });
      const outcome = run.done.catch((cause: unknown): Failure => ({ cause }));
      return { batch, graph, parents, program, outcome };
    } catch (cause) {
      return { batch, graph, parents, program, outcome: Promise.resolve({ cause }) };
    }
  }

  private async settle({ batch, graph, parents, program, outcome }: Launched): Promise<void> {
    const results = await outcome;
    const { cache } = this.machine;
    if (program !== null) {
      this.bytes -= bytesOf(graph.outputs);
      await cache.leave(program);
    }
    batch.spoiled = 'cause' in results || parents.some(({ spoiled }) => spoiled);
    if (!('cause' in results || batch.spoiled)) {
      graph.outputs.forEach((slot, i) => fill(slot, results[i] ?? missing()));
      return;
    }
    for (const slot of graph.outputs) slot.flight = null;
    // A session that failed may have reached a state of which nothing is known.
    if ('cause' in results) await cache.drop(graph.key).catch(() => {});
    const again = collect(graph.outputs);
    if (again.outputs.length === 0) return; // what they hang on failed
    const failed = await computeAlone(again, this.machine);
    if ('cause' in results && failed === 0) this.warn(graph.nodes.length, results.cause);
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

function bytesOf(slots: readonly Slot[]): number {
  return slots.reduce((sum, { shape }) => sum + 4 * sizeOf(shape), 0);
}

function inputOf({ value, data, flight }: Slot): RunInput {
  const values = data ?? flight?.data ?? null;
  if (value === null || values === null || Array.isArray(values)) return missing();
  return { shape: value.shape, dtype: value.dtype, data: values };
}

function typeOf({ value }: Slot): Pick<RunInput, 'shape' | 'dtype'> {
  return value ?? missing();
}

/** What nobody foresaw must not stop the batches that follow. */
function failAll(slots: readonly Slot[], cause: unknown): null {
  const reason = cause instanceof Error ? cause.message : String(cause);
  for (const slot of slots) {
    if (slot.data !== null) continue;
    slot.flight = null;
    slot.failure ??= new TfjsOnnxError('TFJS_ONNX_RUNTIME', `data: could not compute: ${reason}`, {
      cause,
    });
  }
  return null;
}

/** Why values are not there when a backend is gone. */
export function closedError(): TfjsOnnxError {
  return new TfjsOnnxError(
    'TFJS_ONNX_DISPOSED',
    'data: the onnxruntime backend was removed before the values were computed.',
  );
}

function missing(): never {
  throw new Error('an input or output of the graph has no values');
}
