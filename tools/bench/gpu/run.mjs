// Training steps on a graphics card: by WebGPU, and by PyTorch on CUDA where that is there. In the folder that pack.mjs makes:
//
//   run.sh [--net PART]… [--steps N] [--json FILE]
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { onnxruntimeWebgpu } from '@lapyra/backend-onnxruntime';
import { startLineProcess } from '../line-process.mjs';
import { NETS } from '../nets.mjs';
import { openNet } from '../open-net.mjs';

const USE = '@lapyra/backend-onnxruntime#onnxruntimeWebgpu';
const WARM = 3;
const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    steps: { type: 'string', default: '20' },
    net: { type: 'string', multiple: true },
  },
});
const steps = Number(values.steps);
const here = dirname(fileURLToPath(import.meta.url));
const wanted = Object.keys(NETS).filter((name) =>
  values.net ? values.net.some((part) => name.includes(part)) : NETS[name].asked,
);

console.log(said('nvidia-smi', ['-L']) ?? 'nvidia-smi: none');
console.log(
  said('vulkaninfo', ['--summary'])
    ?.match(/deviceName.*/g)
    ?.join('\n') ?? 'vulkaninfo: none',
);
const probe = await (await onnxruntimeWebgpu.plugin.create({}, undefined)).probe();
console.log(
  probe.available ? probe.device : `WebGPU: not measured: ${probe.reason} (${probe.fix})`,
);
const torch = findCuda();
console.log(torch ? `PyTorch ${torch.version} on ${torch.device}` : 'PyTorch on CUDA: none');

// The card's unit for products takes float32, or rounds it to 19 bits (TF32), which is not what we compute.
const PEERS = { peer_ms: false, peer_tf32_ms: true };
const rows = [];
for (const net of wanted) {
  const row = { net, steps, ours_ms: null, peer_ms: null, peer_tf32_ms: null };
  const processes = {};
  if (probe.available)
    processes.ours_ms = await startLineProcess(process.execPath, [
      join(here, 'stepper.mjs'),
      USE,
      net,
      '1',
    ]);
  if (torch) {
    const { peer } = await openNet(net);
    for (const [side, tf32] of Object.entries(PEERS)) {
      processes[side] = await startLineProcess(
        torch.python,
        [join(here, 'torch_stepper.py'), JSON.stringify(peer)],
        { LAPYRA_TORCH_DEVICE: 'cuda' },
      );
      row[`${side}_with`] = await useFaster(processes[side], tf32);
    }
  }
  const taken = Object.keys(processes).map((side) => [side, []]);
  for (let step = -WARM; step < steps; step += 1)
    for (const [side, times] of taken) {
      const ms = await processes[side].ask('step');
      if (step >= 0) times.push(ms);
    }
  for (const [side, times] of taken) row[side] = median(times);
  if (processes.ours_ms) row.compile_ms = await processes.ours_ms.ask('compiled');
  for (const one of Object.values(processes)) await one.close();
  rows.push(row);
  const { ours_ms: ours, peer_ms: peer, peer_tf32_ms: rounded } = row;
  console.log(
    `${net}: ours ${shown(ours)}, PyTorch ${shown(peer)}, with TF32 ${shown(rounded)}, compiled in ${shown(row.compile_ms ?? null)}`,
  );
}
if (values.json) {
  const device = probe.available ? probe.device : null;
  writeFileSync(
    values.json,
    `${JSON.stringify({ device, torch, node: process.version, rows }, null, 2)}\n`,
  );
}

/** The faster memory format, which the process then goes on with. */
async function useFaster(process, tf32) {
  const found = [];
  for (const channelsLast of [false, true]) {
    await process.ask('use', { threads: 1, channels_last: channelsLast, tf32 });
    const times = [];
    for (let step = 0; step < 2 * WARM + 1; step += 1) times.push(await process.ask('step'));
    found.push(median(times.slice(WARM)));
  }
  if (found[0] < found[1]) await process.ask('use', { threads: 1, channels_last: false, tf32 });
  return found[0] < found[1] ? 'planes first' : 'channels last';
}

function shown(ms) {
  return ms === null ? 'not measured' : `${ms >= 10 ? ms.toFixed(0) : ms.toFixed(2)} ms`;
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle - 0.5)] + sorted[Math.floor(middle)]) / 2;
}

/** What a command prints; null if it is not there or fails. */
function said(command, args) {
  try {
    return execFileSync(command, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

function findCuda() {
  const about =
    'import json, torch; print(json.dumps({"version": torch.__version__, "device": torch.cuda.get_device_name()}))';
  for (const python of [process.env.LAPYRA_PYTHON, 'python3', 'python'].filter(Boolean)) {
    const text = said(python, ['-c', about]);
    if (text) return { python, ...JSON.parse(text.split('\n').at(-1)) };
  }
  return null;
}
