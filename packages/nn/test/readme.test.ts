import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { found } from './example.js';

const text = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('README', () => {
  it('shows the example that is run here', () => {
    const [, block] = /```ts\n([^]*?)```/.exec(text('../README.md')) ?? [];
    expect(block).toBe(text('example.ts'));
  });

  it('has an example that finds 2x + 1', () => {
    expect(found['weight']).toBeCloseTo(2, 4);
    expect(found['bias']).toBeCloseTo(1, 4);
  });
});
