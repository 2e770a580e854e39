import { convolutions } from './convolutions.js';
import { elementwise } from './elementwise.js';
import type { Operator } from './operator.js';
import { pools } from './pools.js';
import { products } from './products.js';
import { resizing } from './resizing.js';
import { shapes } from './shapes.js';
import { statistics } from './statistics.js';

const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  [convolutions, elementwise, pools, products, resizing, shapes, statistics]
    .flat()
    .map((operator) => [operator.name, operator]),
);

/** How an operator of ONNX is computed; undefined if it cannot be read. */
export function findOperator(name: string): Operator | undefined {
  return OPERATORS.get(name);
}

/** Names of the operators of ONNX that can be read. */
export function readableOperators(): string[] {
  return [...OPERATORS.keys()].toSorted();
}
