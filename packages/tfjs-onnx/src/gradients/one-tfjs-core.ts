import { env, Environment, Tensor } from '@tensorflow/tfjs-core';
import { GradientError } from './gradient-error.js';

const FIRST_SEEN = Symbol.for('@lapyra/tfjs-onnx/tfjs-core');

/**
 * Refuse a second copy of `@tensorflow/tfjs-core` in this process.
 *
 * Copies share one engine but not their classes, flags and scopes, so a program that mixes them fails in places that are far from the cause. The first
 * copy that is seen is remembered on `globalThis`; every further call compares with it.
 *
 * @param core  the copy to check, as imported by the caller: `assertOneTfjsCore(tf)`. Default: the one that this package imports
 * @throws {GradientError} `TFJS_CORE_TWICE`
 */
export function assertOneTfjsCore(
  core: { Tensor: unknown; Environment: unknown } = { Tensor, Environment },
): void {
  const remembered = globalThis as { [FIRST_SEEN]?: unknown };
  remembered[FIRST_SEEN] ??= core.Tensor;
  // The engine and its environment belong to the copy that was loaded first, whoever loaded it.
  const owner: unknown = env().constructor;
  if (remembered[FIRST_SEEN] === core.Tensor && owner === core.Environment) return;
  throw new GradientError(
    'TFJS_CORE_TWICE',
    '@tensorflow/tfjs-core: expected one copy in this process, got two.',
    'List them with "npm ls @tensorflow/tfjs-core", then give every package the same version and run "npm dedupe".',
  );
}
