import { textFirst, textRefine } from '@lapyra/level-text-conditional';
import { expectRefusal, makeLevel, placeAt } from '@lapyra/testing';
import { describe, expect, it } from 'vitest';

const sizes = [
  [8, 8],
  [16, 16],
] as const;
const told = { condition: { kind: 'embedding', width: 4 } } as const;

describe('a place that does not fit', () => {
  it('is refused: a first level above another, a refining one without', async () => {
    const first = await expectRefusal(
      makeLevel(textFirst, {}, placeAt(sizes, 1, told)),
      'LAPYRA_LEVEL_PLACE',
      'textFirst at 16: expected to be the first level, got a level of 8 below.',
    );
    expect(first.hint).toBe('Use textRefine() for a level that adds detail to a smaller image.');
    const refining = await expectRefusal(
      makeLevel(textRefine, {}, placeAt(sizes, 0, told)),
      'LAPYRA_LEVEL_PLACE',
      'textRefine at 8: expected a level below, got none.',
    );
    expect(refining.hint).toBe('Use textFirst() for the first level.');
  });

  it('is refused: a pyramid that is told nothing', async () => {
    const { hint } = await expectRefusal(
      makeLevel(textFirst, {}, placeAt(sizes, 0, { condition: { kind: 'none' } })),
      'LAPYRA_LEVEL_PLACE',
      'textFirst at 8: expected a pyramid that is told a text or a vector, got the condition none.',
    );
    expect(hint).toBe("Set condition to { text: … } with an encoder, or to 'embedding'.");
  });

  it('is refused: noise that is no vector at a first level', async () => {
    await expectRefusal(
      makeLevel(textFirst, { noise: { design: 'none' } }, placeAt(sizes, 0, told)),
      'LAPYRA_NOISE_DESIGN',
      'textFirst at 8: expected noise of the design vector, got none.',
    );
  });
});

describe('options', () => {
  it.each([
    [{ wrongPairs: 1 }, 'Expected a number below 1'],
    [{ interpolation: { share: 1.5 } }, 'Invalid value: Expected <=1 but received 1.5'],
    [{ generator: { kernels: [4, 5] } }, 'Expected an odd kernel, which keeps the size'],
    [{ generator: { kernels: [5] } }, 'Expected at least two kernels'],
  ])('refuses %j', async (given, message) => {
    const { issues } = await textRefine.plugin.options['~standard'].validate(given);
    expect(issues?.map((issue) => issue.message)).toEqual([message]);
  });
});
