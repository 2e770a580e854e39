import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as core from '@lapyra/core';
import { defineConfig, LapyraError, planPyramid } from 'lapyra';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lapyra-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('gives a config back as it is', () => {
  const part = { use: '@lapyra/level-adversarial#dense', options: {} };
  const config = {
    data: { from: part, crop: 28 },
    transform: part,
    levels: [{ size: 8, steps: 10, model: part }],
  };
  expect(defineConfig(config)).toBe(config);
});

it('shares its error class with the packages below', () => {
  expect(LapyraError).toBe(core.LapyraError);
});

it('offers what the commands do to programs', async () => {
  const plan = planPyramid({ folder, settings: [] }, { notice: () => {}, progress: () => {} });
  await expect(plan).rejects.toSatisfy((error) => LapyraError.is(error, 'LAPYRA_CONFIG_NOT_FOUND'));
});
