import { criticChecks } from './critic-checks.js';
import { declarationChecks } from './declaration-checks.js';
import { hostSamplerChecks, hostTrainingChecks } from './host-checks.js';
import type { LevelCheck, LevelHarness } from './level-harness.js';
import { networkChecks } from './network-checks.js';
import { samplerChecks } from './sampler-checks.js';
import { stateChecks } from './state-checks.js';
import { trainingChecks } from './training-checks.js';

/** All that a level of this kind must do. */
export function levelChecks(harness: LevelHarness): LevelCheck[] {
  const { sampler, training } = harness.level;
  const checks = [...declarationChecks(harness), ...samplerChecks(harness)];
  if ('kind' in sampler) checks.push(...hostSamplerChecks(harness, sampler));
  if (training?.kind === 'host') checks.push(...hostTrainingChecks(harness, training));
  if (training?.kind !== 'steps') return checks;
  checks.push(...trainingChecks(harness, training), ...stateChecks(harness, training));
  if (training.critic) checks.push(...criticChecks(harness, training, training.critic));
  checks.push(...networkChecks(harness, training));
  return checks;
}
