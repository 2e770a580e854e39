import type { TestProject as VitestProject } from 'vitest/node';
import { createTestProject } from './test-project.js';
import { trainedConfig } from './tiny-config.js';

/** Trains the run that tests copy which only look at a trained one; see `createTrainedProject`. */
export async function setup({ provide }: VitestProject): Promise<() => void> {
  const project = createTestProject();
  project.configure(trainedConfig());
  const { code, stdout, stderr } = await project.lapyra(['train']);
  if (code !== 0)
    throw new Error(`The run for the tests could not be trained:\n${stdout}${stderr}`);
  provide('trained', project.folder);
  return () => project.remove();
}
