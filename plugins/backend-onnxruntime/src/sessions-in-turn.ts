import type { OrtModule } from '@lapyra/tfjs-onnx';
import type { InferenceSession } from 'onnxruntime-common';
import { RunQueue } from './run-queue.js';

/**
 * A library whose sessions are made, run and released one after another, whoever asks.
 *
 * On WebGPU onnxruntime-web waits for the card in the middle of a call, and its WebAssembly module must not be called again
 * meanwhile: one of two runs at the same time fails, or both do.
 */
export function sessionsInTurn({ InferenceSession: factory, Tensor }: OrtModule): OrtModule {
  const queue = new RunQueue();
  const create = async (...given: Parameters<typeof factory.create>): Promise<InferenceSession> => {
    const session = await queue.add(() => factory.create(...given));
    const { run, release } = session;
    session.run = (...fed: unknown[]) =>
      // The cast: parameters of an overloaded method are those of its last form.
      queue.add(() => run.apply(session, fed as Parameters<typeof run>));
    session.release = () => queue.add(() => release.call(session));
    return session;
  };
  // The cast: `create` has overloads, all of which are passed on as they are.
  return { InferenceSession: { create } as typeof factory, Tensor };
}
