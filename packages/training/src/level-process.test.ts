import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { levelProcess } from './level-process.js';

describe('levelProcess', () => {
  it('starts a process that can give the memory of an array back', () => {
    const { execArgv, env } = levelProcess();
    const script =
      'const x = new Float32Array(1000); x.buffer.transfer(0); console.log(x.length, process.env.MALLOC_TRIM_THRESHOLD_)';
    const { stdout, stderr } = spawnSync(process.execPath, [...execArgv, '-e', script], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout.trim()).toBe(`0 ${512 * 2 ** 20}`);
  });
});
