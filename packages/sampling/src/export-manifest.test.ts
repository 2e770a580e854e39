import { describe, expect, it } from 'vitest';
import { parseExportManifest } from './export-manifest.js';

describe('parseExportManifest', () => {
  it.each([
    ['no JSON', 'nonsense', 'manifest.json: expected JSON, got something else.'],
    [
      'another document',
      '{}',
      'manifest.json: expected an exported pyramid, got another document.',
    ],
    [
      'a later version',
      '{"format":"lapyra-export","version":2,"levels":[]}',
      'manifest.json: expected version 1, got 2.',
    ],
  ])('refuses %s', (_, text, message) => {
    expect(() => parseExportManifest(text)).toThrow(message);
  });
});
