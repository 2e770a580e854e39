import { expectOption } from './expect.js';
import type { Module } from './module.js';
import { scoped } from './scoped.js';

/** A module of a sequence: `['conv1', conv2d(…)]`, or without a name, which is then its place from 0. */
export type SequentialPart = Module | readonly [name: string, module: Module];

/**
 * Modules one after the other. State and masks are named `<part>.<name>`: `conv1.weight`, or `0.weight` for a part
 * without a name. Its `parts` are these names: `upTo('conv2')` ends behind `conv2`.
 *
 * @throws {LapyraError} `LAPYRA_NN_OPTION` if two parts have one name, or a name is empty or has a dot
 */
export function sequential(parts: readonly SequentialPart[]): Module {
  const named = parts.map((part, index): readonly [string, Module] =>
    'apply' in part ? [String(index), part] : part,
  );
  const names = named.map(([name]) => name);
  expectOption(
    'sequential',
    new Set(names).size === names.length && names.every((name) => /^[^.]+$/.test(name)),
    'different names without dots',
    names,
  );
  const modules = named.map(([name, module]) => scoped(`${name}.`, module));
  return {
    state: Object.assign({}, ...modules.map(({ state }) => state)) as Module['state'],
    masks: (batch) =>
      Object.assign({}, ...modules.map((module) => module.masks(batch))) as ReturnType<
        Module['masks']
      >,
    parts: names,
    upTo: (part) => {
      const last = names.indexOf(part);
      expectOption('sequential', last >= 0, `a part of ${names.join(', ')}`, part);
      return sequential(named.slice(0, last + 1));
    },
    apply: (state, x, context) =>
      modules.reduce((value, module) => module.apply(state, value, context), x),
  };
}
