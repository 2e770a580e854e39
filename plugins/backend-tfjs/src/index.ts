export { tfjsCpu } from './tfjs-cpu.js';
export type { NoOptions } from './tfjs-cpu.js';
export { tfjsNode, tfjsNodeGpu } from './tfjs-node.js';
export { tfjsWasm } from './tfjs-wasm.js';
