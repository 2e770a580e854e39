// What a page or a worker holds, and what it reads back from a graphics card: by standing between a program and the
// browser's own classes. Imported before ONNX Runtime is loaded.
import { engine } from '@tensorflow/tfjs-core';

const heaps = [];
const onCard = { buffers: 0, read: 0 };

globalThis.WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(...given) {
    super(...given);
    heaps.push(this);
  }
};

if (globalThis.GPUDevice) {
  const before = (owner, method, act) => {
    const original = owner.prototype[method];
    owner.prototype[method] = function (...given) {
      act(this, ...given);
      return original.apply(this, given);
    };
  };
  const destroyed = new WeakSet();
  before(GPUDevice, 'createBuffer', () => onCard.buffers++);
  before(GPUBuffer, 'destroy', (buffer) => {
    if (!destroyed.has(buffer)) onCard.buffers--;
    destroyed.add(buffer);
  });
  before(GPUBuffer, 'mapAsync', (buffer, mode) => {
    if (mode === GPUMapMode.READ) onCard.read += buffer.size;
  });
}

/**
 * Tensors of tfjs, bytes of JavaScript (in a page, not in a worker) and of WebAssembly, buffers on the card, and bytes
 * read back from it so far.
 */
export async function look() {
  await globalThis.gc({ type: 'major', execution: 'async' });
  return {
    tensors: engine().state.numTensors,
    script: performance.memory?.usedJSHeapSize,
    wasm: heaps.reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
    ...onCard,
  };
}
