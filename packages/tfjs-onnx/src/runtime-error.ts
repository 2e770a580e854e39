import type { InferenceSession } from 'onnxruntime-common';
import { encodeModel } from './onnx/encode-model.js';
import type { OrtModule } from './ort-module.js';
import { TfjsOnnxError } from './tfjs-onnx-error.js';

/** How ONNX Runtime, Dawn and JavaScript say that there is not enough memory. */
const NO_MEMORY =
  /failed to allocate memory|bad_?alloc|OUT_OF_(DEVICE|HOST)_MEMORY|out of memory|max buffer size limit|invalid buffer .*due to a previous error|array buffer allocation failed/i;

/** The C++ function that a message begins with. */
const SIGNATURE = /^[\w*&<> ]*::[\w:~]+\([^)]*\)(?: const)?\s*/;

/** What ONNX Runtime threw while it ran a graph, with the operation and the way out. */
export function runError(cause: unknown): TfjsOnnxError {
  const reason = reasonOf(cause);
  const [, node] = /Name:'([^']*)'/.exec(reason) ?? [];
  const [, status = reason] = /Status Message: (?:\S+\.(?:cc|h):\d+ )?(.*)/s.exec(reason) ?? [];
  const [line = status] = status.split('\n');
  const said = line.replace(SIGNATURE, '').trim();
  const at = node === undefined || node === '' ? '' : ` "${operationOf(node)}"`;
  if (NO_MEMORY.test(reason)) {
    return new TfjsOnnxError(
      'TFJS_ONNX_MEMORY',
      `run: expected enough memory for${at === '' ? ' the graph' : at}, got: ${said}`,
      {
        cause,
        hint: 'Nothing was changed. Take smaller batches or fewer channels; the cost of a compiled function says what it needs at its worst moment.',
      },
    );
  }
  return new TfjsOnnxError(
    'TFJS_ONNX_RUNTIME',
    `run: ONNX Runtime failed${at === '' ? '' : ` at${at}`}: ${said}`,
    { cause, hint: 'Nothing was changed: the function can be run again, and others as well.' },
  );
}

/** Why a session could not be made: memory, an execution provider that is not there, or the graph. */
export async function sessionError(
  ort: OrtModule,
  options: InferenceSession.SessionOptions,
  cause: unknown,
): Promise<TfjsOnnxError> {
  const reason = reasonOf(cause);
  if (NO_MEMORY.test(reason)) {
    return new TfjsOnnxError(
      'TFJS_ONNX_MEMORY',
      `compile: expected enough memory for the graph, got: ${reason}`,
      { cause, hint: 'Take smaller batches or fewer channels.' },
    );
  }
  const providers = (options.executionProviders ?? []).map((provider) =>
    typeof provider === 'string' ? provider : provider.name,
  );
  if (providers.length > 0 && !(await starts(ort, options))) {
    return new TfjsOnnxError(
      'TFJS_ONNX_PROVIDER',
      `compile: expected the execution provider ${providers.join(', ')}, got: ${reason}`,
      {
        cause,
        hint: 'Install what it needs on this machine, or leave out executionProviders to compute on the processor.',
      },
    );
  }
  return new TfjsOnnxError(
    'TFJS_ONNX_RUNTIME',
    `compile: ONNX Runtime refused the graph: ${reason}`,
    { cause },
  );
}

/** Whether a session of the smallest graph can be made with these options. */
async function starts(ort: OrtModule, options: InferenceSession.SessionOptions): Promise<boolean> {
  const [x, y] = (['x', 'y'] as const).map((name) => ({ name, shape: [1], dtype: 'float32' as const })); // prettier-ignore
  if (x === undefined || y === undefined) return false;
  const node = { name: 'copy', op: 'Identity', domain: '', inputs: [x], outputs: [y], attrs: {}, source: 'copy' }; // prettier-ignore
  const graph = { inputs: [x], outputs: [y], nodes: [node], initializers: [] };
  const bytes = encodeModel(graph, { name: 'probe', inputs: [x], outputs: [y] });
  try {
    const session = await ort.InferenceSession.create(bytes, options);
    await session.release();
    return true;
  } catch {
    return false;
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/** Nodes are called after the operation of tfjs, which begins with a small letter, and operators of ONNX behind it, which do not. */
function operationOf(node: string): string {
  const parts = node.split('/');
  const at = parts.findLastIndex((part) => /^[a-z]/.test(part));
  return at < 0 ? node : parts.slice(0, at + 1).join('/');
}
