import { expect, it } from 'vitest';
import { makeLevel, placeAt } from './make-level.js';

it.each<[object, string]>([
  [{ width: 0 }, 'Expected >=1 but received 0'],
  [{ steps: 2.5 }, 'integer'],
  [{ average: 1 }, 'Expected a number below 1'],
  [{ optimiser: { rate: -1 } }, 'Expected a number above 0'],
  [{ step: 8 }, '"step"'],
])('refuses the options %j', async (options, said) => {
  await expect(makeLevel(options, placeAt([[2, 2]], 0, 1))).rejects.toThrow(said);
});
