import type { OnnxGraph, OnnxNode } from './onnx-graph.js';

/**
 * Names of the nodes that ONNX Runtime's WebGPU provider takes but cannot compute, or computes wrongly: they have to run on
 * the processor. Found with onnxruntime-node 1.30.0.
 */
export function webgpuExceptions({ nodes }: OnnxGraph): string[] {
  return nodes.filter(isException).map(({ name }) => name);
}

function isException({ op, domain, inputs, outputs, attrs }: OnnxNode): boolean {
  if (domain !== '') return false;
  if (op === 'MaxPool') return outputs.length > 1; // with the places of the maxima
  const [image, filter] = inputs.map((input) => input?.shape ?? []);
  const groups = Number(attrs['group'] ?? 1);
  const ofVolumes = image?.length === 5;
  if (op === 'Conv') return ofVolumes && groups > 1;
  if (op !== 'ConvTranspose') return false;
  const [inChannels = 1, outPerGroup = 1] = filter ?? [];
  return ofVolumes || (groups > 1 && outPerGroup === 1 && inChannels > groups);
}
