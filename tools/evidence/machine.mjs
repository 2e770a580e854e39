import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus } from 'node:os';

/** What a result depends on beside the code. */
export function describeMachine() {
  const file = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  return {
    processor: cpus()[0]?.model.trim() ?? process.arch,
    cores: availableParallelism(),
    node: process.versions.node,
    onnxruntime: JSON.parse(readFileSync(file, 'utf8')).version,
  };
}
