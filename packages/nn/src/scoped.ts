import type { Tensor } from '@tensorflow/tfjs-core';
import { type ModuleOf, partsThrough } from './module.js';

/** The same values with `prefix` before each name: `withPrefix('g.', { weight })` is `{ 'g.weight': weight }`. */
export function withPrefix<T>(
  prefix: string,
  record: Readonly<Record<string, T>>,
): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]));
}

/** The values whose names begin with `prefix`, without it. */
export function withoutPrefix<T>(
  prefix: string,
  record: Readonly<Record<string, T>>,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(record)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

/** A module under a prefix such as `g.`: names of its state, masks and updates all begin with it. */
export function scoped<Input>(prefix: string, module: ModuleOf<Input>): ModuleOf<Input> {
  return {
    state: withPrefix(prefix, module.state),
    masks: (batch) => withPrefix(prefix, module.masks(batch)),
    apply: (state, x, { training, masks, updates }) => {
      const own: Record<string, Tensor> | null = updates && {};
      const y = module.apply(withoutPrefix(prefix, state), x, {
        training,
        masks: withoutPrefix(prefix, masks),
        updates: own,
      });
      if (updates && own) Object.assign(updates, withPrefix(prefix, own));
      return y;
    },
    ...partsThrough(module, (part) => scoped(prefix, part)),
  };
}
