import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first Python with PyTorch: `$LAPYRA_PYTHON`, then every python3 on the PATH. `null` if there is none. */
export function findTorch() {
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'python3'))
    .filter((file) => existsSync(file));
  const candidates = [...(process.env.LAPYRA_PYTHON ? [process.env.LAPYRA_PYTHON] : []), ...onPath];
  for (const python of new Set(candidates)) {
    try {
      const text = execFileSync(python, ['-c', ABOUT], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
        env: { ...process.env, OPENBLAS_NUM_THREADS: '1' },
      });
      return { python, ...JSON.parse(text.trim().split('\n').at(-1)) };
    } catch {
      // this one has no torch
    }
  }
  return null;
}

const ABOUT = `
import json, time, torch
torch.set_num_threads(1)
a, b = torch.rand(1024, 1024), torch.rand(1024, 1024)
a @ b
best, end = 1e9, time.perf_counter() + 2
while time.perf_counter() < end:
    t = time.perf_counter(); a @ b; best = min(best, time.perf_counter() - t)
print(json.dumps({"version": torch.__version__, "mkldnn": torch.backends.mkldnn.is_available(), "gflops": 2 * 1024**3 / best / 1e9}))
`;
