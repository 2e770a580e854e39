// The processes that are timed: ours, and the peer's.
import { fileURLToPath } from 'node:url';
import { levelProcess } from '@lapyra/training';
import { startLineProcess } from './line-process.mjs';

export const ONNX = '@lapyra/backend-onnxruntime#onnxruntimeCpu';
export const TFJS = '@lapyra/backend-tfjs#tfjsCpu';

const here = (file) => fileURLToPath(new URL(file, import.meta.url));

export function startOurs(backend, net, threads) {
  // As `lapyra train` starts a level's process.
  const { execArgv, env } = levelProcess();
  const args = [...execArgv, here('stepper.mjs'), backend, net, String(threads)];
  return startLineProcess(process.execPath, args, env);
}

/** @param torch from `findTorch` @param peer of `openNet` */
export async function startTorch({ python, env }, peer, variant) {
  // With the same allocator: PyTorch, too, gets and gives back megabytes at every step.
  const all = { ...levelProcess().env, ...env };
  const one = await startLineProcess(python, [here('torch_stepper.py'), JSON.stringify(peer)], all);
  if (variant) await one.ask('use', variant);
  return one;
}

/**
 * The threads and the memory format with which PyTorch is fastest at a net: each is tried with a step or two after one
 * that does not count, those that are far behind with none.
 *
 * @param threads the most that it may take, or a list
 */
export async function bestVariant(torch, peer, threads) {
  const one = await startTorch(torch, peer);
  let best = null;
  let least = Infinity;
  for (const channels_last of peer.model === 'dense' ? [false] : [false, true]) {
    for (const count of threads) {
      const variant = { threads: count, channels_last };
      await one.ask('use', variant);
      const first = await one.ask('step');
      if (first > 2.5 * least) continue;
      const again = first > 1500 ? 1 : 2;
      for (let step = 0; step < again; step += 1) {
        const ms = await one.ask('step');
        if (ms < least) [least, best] = [ms, variant];
      }
    }
  }
  await one.close();
  return best;
}

/** As it is named in tables. */
export function variantName({ threads, channels_last }) {
  return `${threads} thread${threads === 1 ? '' : 's'}${channels_last ? ', channels last' : ''}`;
}
