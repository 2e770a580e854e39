import { describe, expect, it } from 'vitest';
import { nearestName } from './nearest-name.js';

const commands = ['train', 'sample', 'export', 'status', 'doctor', 'plan'];

describe('nearestName', () => {
  it.each([
    ['trian', 'train'],
    ['Train', 'train'],
    ['smaple', 'sample'],
    ['exports', 'export'],
    ['statu', 'status'],
    ['dokter', 'doctor'],
    ['plna', 'plan'],
  ])('takes %s for %s', (word, meant) => {
    expect(nearestName(word, commands)).toBe(meant);
  });

  it.each(['evaluate', 'x', '', 'pl'])('takes %j for nothing', (word) => {
    expect(nearestName(word, commands)).toBeUndefined();
  });

  it('takes the first of equals, and nothing from nothing', () => {
    expect(nearestName('bat', ['cat', 'hat'])).toBe('cat');
    expect(nearestName('bat', [])).toBeUndefined();
  });
});
