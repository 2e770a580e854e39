import { describe, expect, it } from 'vitest';
import { checkFeatures } from './check-features.js';

const net = { name: 'net', channels: 3, leastSize: [8, 6] as const, layers: ['edges', 'parts'] };
const check =
  (size: readonly [number, number], channels: number, ...layers: string[]) =>
  (): void =>
    checkFeatures(net, { size, channels }, layers);

describe('checkFeatures', () => {
  it('lets pass what the net can describe, down to its least size', () => {
    expect(check([8, 6], 3, 'parts', 'edges')).not.toThrow();
  });

  it.each([
    [check([8, 6], 3), 'LAPYRA_FEATURES_LAYER', 'got none', ''],
    [check([8, 6], 3, 'edge'), 'LAPYRA_FEATURES_LAYER', "of edges, parts, got 'edge'.", 'edges?'],
    [check([8, 6], 4, 'edges'), 'LAPYRA_FEATURES_CHANNELS', 'of 3 channels, got 4.', 'trained on'],
    [check([8, 5], 3, 'edges'), 'LAPYRA_FEATURES_SIZE', 'at least 8x6, got 8x5.', 'finer level'],
    [check([7, 9], 3, 'edges'), 'LAPYRA_FEATURES_SIZE', 'at least 8x6, got 7x9.', 'finer level'],
  ])('refuses the rest before anything is trained: %#', (refused, code, said, hint) => {
    expect(refused).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringContaining(said),
        hint: expect.toSatisfy((text: string | undefined) => (text ?? '').includes(hint)),
      }),
    );
  });
});
