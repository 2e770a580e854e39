// A module is a part of a network without a memory: its state is declared, handed in, and handed back anew.
import type { RandomInput, StateTensor, Tensors } from '@lapyra/core';
import type { Tensor } from '@tensorflow/tfjs-core';

/** State tensors by name: what a module or an optimiser declares. */
export type StateSpec = Readonly<Record<string, StateTensor>>;

/** What a pass through a module is told beside state and input. */
export interface ModuleContext {
  /** Batch norm uses the batch's own statistics and dropout drops. */
  readonly training: boolean;
  /** The masks that the module asked for, by the same names. */
  readonly masks: Tensors;
  /** Where new running statistics are put, by the names of the state; `null`: this pass updates none. */
  readonly updates: Record<string, Tensor> | null;
}

/** A layer or a network: a pure function of state and input. Names of state and masks are relative to the module. */
export interface ModuleOf<Input> {
  readonly state: StateSpec;
  /** The random inputs that a training pass over `batch` images needs; empty without dropout. */
  masks(batch: number): Readonly<Record<string, RandomInput>>;
  apply(state: Tensors, x: Input, context: ModuleContext): Tensor;
  /** If it is made of named parts in a row: their names, from input to output. */
  readonly parts?: readonly string[];
  /** The module as far as this part, that one included: of its state it has what it needs. */
  upTo?(part: string): ModuleOf<Input>;
}

/** A module of one tensor. */
export type Module = ModuleOf<Tensor>;

/** The context of sampling: running statistics, no dropout, no updates. */
export const inference: ModuleContext = { training: false, masks: {}, updates: null };

/** A module without state and masks. */
export function stateless(apply: (x: Tensor) => Tensor): Module {
  return { state: {}, masks: () => ({}), apply: (_state, x) => apply(x) };
}

/** The parts of a module for one that is made around it by `wrap`; nothing if it has none. */
export function partsThrough<Inner, Outer>(
  module: ModuleOf<Inner>,
  wrap: (part: ModuleOf<Inner>) => ModuleOf<Outer>,
): Pick<ModuleOf<Outer>, 'parts' | 'upTo'> {
  const { parts } = module;
  if (!parts || !module.upTo) return {};
  return { parts, upTo: (part) => wrap(module.upTo!(part)) };
}
