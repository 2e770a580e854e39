// The programs under examples/ are run as they are; what they print is what their first line promises.
import { describe, expect, test, vi } from 'vitest';

/** What an example prints, without tfjs's advert. */
async function printed(run: () => Promise<unknown>): Promise<string> {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await run();
  return log.mock.calls.map((words) => words.join(' ')).join('\n');
}

/** The numbers of the line that begins so. */
function numbersIn(text: string, line: string): number[] {
  const found = text.split('\n').find((one) => one.includes(line)) ?? '';
  return [...found.replace(line, '').matchAll(/-?\d+(?:\.\d+)?(?:e-?\d+)?/g)].map(Number);
}

describe('the example', () => {
  test('export-a-layers-model writes a file that computes what the model computes', async () => {
    // @ts-expect-error -- a program without types
    const text = await printed(() => import('../examples/export-a-layers-model.mjs'));
    const [difference = 1] = numbersIn(text, 'largest difference');
    expect(difference).toBeLessThan(1e-6);
  });

  test('train-with-fit learns to tell two spirals apart', async () => {
    // @ts-expect-error -- a program without types
    const text = await printed(() => import('../examples/train-with-fit.mjs'));
    expect(numbersIn(text, 'of the points told right')[0]).toBeGreaterThan(95);
  });

  test('compile-a-step learns with a graph for the whole step', async () => {
    // @ts-expect-error -- a program without types
    const text = await printed(() => import('../examples/compile-a-step.mjs'));
    const [first = 0, last = 1] = numbersIn(text, 'loss');
    expect(first).toBeGreaterThan(0.1);
    expect(last).toBeLessThan(0.02);
  });

  test('add-a-kernel gives the values and slopes of hard swish, compiled and by tfjs', async () => {
    // @ts-expect-error -- a program without types
    const text = await printed(() => import('../examples/add-a-kernel.mjs'));
    // By hand, for −4, −1, 0, 1 and 4.
    expect(numbersIn(text, 'compiled')).toEqual([0, -0.3333, 0, 0.6667, 4]);
    expect(numbersIn(text, 'cpu')).toEqual(numbersIn(text, 'compiled'));
    expect(numbersIn(text, 'slope')).toEqual([0, 0.1667, 0.5, 0.8333, 1]);
  });
});
