import {
  checkTensorValue,
  disposedError,
  type DType,
  engineError,
  LapyraError,
  type LoadedModel,
  type ModelPort,
  quoteNames,
  type TensorValue,
  type TensorValues,
} from '@lapyra/core';
import { modelMetadata } from '@lapyra/tfjs-onnx/metadata';
import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type { OrtLibrary } from './ort-library.js';
import { valueOf, wrap } from './ort-tensor.js';
import { RunQueue } from './run-queue.js';

/**
 * Load an ONNX file. Integers of 64 bits are int32 on the host's side: inputs are widened, outputs narrowed.
 *
 * @throws {LapyraError} `LAPYRA_ENGINE_MODEL` if ONNX Runtime refuses the file, or an input or output is of a type that
 * has no place on the host
 */
export async function loadModel(
  subject: string,
  { ort, sessionOptions }: OrtLibrary,
  file: Uint8Array,
  onDispose: (model: LoadedModel) => void,
): Promise<LoadedModel> {
  let session: InferenceSession;
  let metadata: Record<string, string>;
  try {
    metadata = modelMetadata(file);
    session = await ort.InferenceSession.create(file, sessionOptions);
  } catch (error) {
    throw engineError('LAPYRA_ENGINE_MODEL', subject, error);
  }
  const queue = new RunQueue();
  let disposed = false;
  try {
    const inputs = session.inputMetadata.map((port) => modelPort(subject, port));
    const outputs = session.outputMetadata.map((port) => modelPort(subject, port));
    const model: LoadedModel = {
      inputs,
      outputs,
      metadata,
      run: async (given) => {
        checkInputs(subject, inputs, given);
        return queue.add(async () => {
          if (disposed) throw disposedError(subject, 'a model');
          const feeds = inputs.map((port) => [port.name, feed(ort, port, given[port.name]!)]);
          try {
            const results = await session.run(Object.fromEntries(feeds) as Record<string, Tensor>);
            return Object.fromEntries(
              outputs.map(({ name }) => [name, narrowed(subject, name, results[name]!)]),
            );
          } catch (error) {
            throw engineError('LAPYRA_ENGINE_RUN', subject, error);
          }
        });
      },
      dispose: async () => {
        if (disposed) return;
        disposed = true;
        onDispose(model);
        await queue.idle();
        await session.release();
      },
    };
    return model;
  } catch (error) {
    await session.release();
    throw error;
  }
}

function modelPort(subject: string, port: InferenceSession.ValueMetadata): ModelPort {
  const { name } = port;
  const dtype = port.isTensor ? port.type : 'something else than a tensor';
  if (!port.isTensor || !isHostType(dtype)) {
    throw new LapyraError(
      'LAPYRA_ENGINE_MODEL',
      `${subject}: expected '${name}' to be one of ${[...HOST_TYPES].join(', ')}, got ${dtype}.`,
    );
  }
  const shape = port.shape.map((side) => (typeof side === 'number' && side >= 0 ? side : null));
  return { name, dtype, shape };
}

function checkInputs(subject: string, ports: readonly ModelPort[], given: TensorValues): void {
  const names = ports.map(({ name }) => name);
  const got = Object.keys(given);
  if (got.length !== names.length || got.some((name) => !names.includes(name))) {
    throw new LapyraError(
      'LAPYRA_ENGINE_INPUT',
      `${subject}: expected inputs ${quoteNames(names)}, got ${quoteNames(got)}.`,
    );
  }
  for (const port of ports) {
    const place = `${subject}, input '${port.name}'`;
    const value = given[port.name]!;
    checkTensorValue(place, 'LAPYRA_ENGINE_INPUT', value);
    const dtype = port.dtype === 'int64' ? 'int32' : port.dtype;
    if (value.dtype === dtype && fits(port.shape, value.shape)) continue;
    throw new LapyraError(
      'LAPYRA_ENGINE_INPUT',
      `${place}: expected ${dtype} [${port.shape.map((side) => side ?? 'any').join(', ')}], ` +
        `got ${value.dtype} [${value.shape.join(', ')}].`,
    );
  }
}

/** ONNX Runtime gives the empty shape also for a shape that the file does not state; it then checks by itself. */
function fits(stated: ModelPort['shape'], shape: readonly number[]): boolean {
  if (stated.length === 0) return true;
  return (
    stated.length === shape.length &&
    stated.every((side, index) => side === null || side === shape[index])
  );
}

function feed(ort: OrtLibrary['ort'], port: ModelPort, value: TensorValue): Tensor {
  if (port.dtype !== 'int64') return wrap(ort, value);
  return new ort.Tensor('int64', BigInt64Array.from(value.data, BigInt), value.shape);
}

function narrowed(subject: string, name: string, tensor: Tensor): TensorValue {
  if (tensor.type !== 'int64') return valueOf(tensor);
  const data = Int32Array.from(tensor.data as BigInt64Array, (wide) => {
    if (BigInt.asIntN(32, wide) === wide) return Number(wide);
    throw new LapyraError(
      'LAPYRA_ENGINE_RESULT',
      `${subject}, output '${name}': expected numbers of at most 32 bits, got ${wide}.`,
    );
  });
  return { dtype: 'int32', shape: tensor.dims, data };
}

const HOST_TYPES: ReadonlySet<string> = new Set([
  'float32',
  'int32',
  'uint8',
  'bool',
  'int64',
] satisfies (DType | 'int64')[]);

function isHostType(type: string): type is DType | 'int64' {
  return HOST_TYPES.has(type);
}
