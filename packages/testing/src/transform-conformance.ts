import type { Size, Transform } from '@lapyra/core';
import { describe, it } from 'vitest';
import type { Closeness } from './expect-close.js';
import { transformChecks } from './transform/transform-checks.js';

export interface TransformConformanceOptions {
  /** Title of the suite. */
  readonly name: string;
  readonly transform: Transform;
  /** Pyramids to try, each from coarse to fine and of 2 levels or more: oblong ones too, and sides of 1. */
  readonly pyramids: readonly (readonly Size[])[];
  /** Sizes that it must refuse. @default []: it takes any that grow */
  readonly refuses?: readonly (readonly Size[])[];
  /**
   * How far the tensor program may be from the plain code, on numbers in [−2, 2).
   *
   * @default { absolute: 2e-6 }
   */
  readonly closeness?: Closeness;
}

/**
 * The conformance suite of transforms: call it at the top of a test file. The tensor programs run on tfjs's current
 * backend; gradients must be registered, as importing `@lapyra/nn` does.
 *
 * For each pyramid, with 1, 3 and 4 channels: low and band are the image again; the tensor program sees what the plain
 * code sees at each level; each image of a batch is treated alone; gradients of d and u are those that finite
 * differences give. Whitening per pixel is worked out by hand, and sizes that cannot be done are refused with a hint.
 */
export function transformConformance(options: TransformConformanceOptions): void {
  const { name, transform, pyramids, refuses = [], closeness = { absolute: 2e-6 } } = options;
  describe(name, () => {
    for (const { title, run } of transformChecks({ transform, pyramids, refuses, closeness }))
      it(title, run);
  });
}
