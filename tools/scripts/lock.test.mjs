import { describe, expect, it } from 'vitest';
import { lockProblems } from './lock.mjs';

const bundler = { version: '1.0.0', optionalDependencies: { 'bundler-linux': '1.0.0' } };

describe('lockProblems', () => {
  it('accepts a lock with every optional package, at the root or nested', () => {
    const packages = {
      '': {},
      'node_modules/bundler': bundler,
      'node_modules/bundler-linux': {},
      'packages/a/node_modules/bundler': bundler,
      'packages/a/node_modules/bundler/node_modules/bundler-linux': {},
    };
    expect(lockProblems({ packages })).toEqual([]);
  });

  it('names an optional package that the lock lacks', () => {
    const packages = {
      'packages/a/node_modules/bundler': bundler,
      'packages/b/node_modules/bundler-linux': {},
    };
    expect(lockProblems({ packages })).toEqual([
      'packages/a/node_modules/bundler needs bundler-linux, which the lock lacks',
    ]);
  });

  it('names a package that records an address', () => {
    const packages = {
      'node_modules/a': { resolved: 'https://registry.example/a.tgz' },
      'node_modules/b': { resolved: 'packages/b', link: true },
    };
    expect(lockProblems({ packages })).toEqual(['node_modules/a records an address']);
  });
});
