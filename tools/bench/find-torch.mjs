import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * OpenBLAS takes some processors for others and is then several times slower: each of these is tried, the fastest counts.
 * Two of its threads beside OpenMP's slow fully connected nets several times.
 */
const ENVIRONMENTS = [undefined, 'SkylakeX', 'Haswell'].map((core) => ({
  OPENBLAS_NUM_THREADS: '1',
  ...(core === undefined ? {} : { OPENBLAS_CORETYPE: core }),
}));

/**
 * The first Python with PyTorch: `$LAPYRA_PYTHON`, then every python3 on the PATH; with the environment in which it
 * multiplies matrices fastest. `null` if there is none.
 */
export function findTorch() {
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'python3'))
    .filter((file) => existsSync(file));
  const candidates = [...(process.env.LAPYRA_PYTHON ? [process.env.LAPYRA_PYTHON] : []), ...onPath];
  for (const python of new Set(candidates)) {
    const found = ENVIRONMENTS.flatMap((env) => {
      try {
        const text = execFileSync(python, ['-c', ABOUT], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
          env: { ...process.env, ...env },
        });
        return [{ python, env, ...JSON.parse(text.trim().split('\n').at(-1)) }];
      } catch {
        return []; // this one has no torch
      }
    });
    if (found.length > 0) return found.toSorted((one, other) => other.gflops - one.gflops)[0];
  }
  return null;
}

/**
 * The rate at which it multiplies matrices of 1024 × 1024 on some threads, in GFLOP/s at best. In a process of its own,
 * where all threads may be OpenBLAS's.
 */
export function torchProduct({ python, env }, threads) {
  const text = execFileSync(python, ['-c', ABOUT, String(threads)], {
    encoding: 'utf8',
    env: { ...process.env, ...env, OPENBLAS_NUM_THREADS: String(threads) },
  });
  return JSON.parse(text.trim().split('\n').at(-1)).gflops;
}

const ABOUT = `
import json, sys, time, torch
torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
a, b = torch.rand(1024, 1024), torch.rand(1024, 1024)
a @ b
best, end = 1e9, time.perf_counter() + 1
while time.perf_counter() < end:
    t = time.perf_counter(); a @ b; best = min(best, time.perf_counter() - t)
print(json.dumps({"version": torch.__version__, "mkldnn": torch.backends.mkldnn.is_available(), "gflops": 2 * 1024**3 / best / 1e9}))
`;
