import { tfjsCpu, tfjsWasm } from '@lapyra/backend-tfjs';
import { engineConformance } from '@lapyra/testing';
import { memory } from '@tensorflow/tfjs-core';

const liveTensors = (): number => memory().numTensors;

await engineConformance(() => tfjsCpu.plugin.create({}, undefined), { liveTensors });
await engineConformance(() => tfjsWasm.plugin.create({}, undefined), { liveTensors });
