// Whether a graphics card computes what the processor does: a step of every level in small, and of the benchmark's networks
// in full, and whether a thousand steps take memory. In the folder that tools/bench/gpu/pack.mjs makes:
//
//   check.sh [--net PART]… [--json FILE]
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { onnxruntimeCpu, onnxruntimeWebgpu } from '@lapyra/backend-onnxruntime';
import { initialState, randomStream, whiteningTensors } from '@lapyra/core';
import { compareSteps, makeLevel, placeAt } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { NETS } from '../bench/nets.mjs';
import { openNet, WHITENING } from '../bench/open-net.mjs';
import { stepInputs } from '../bench/step-inputs.mjs';
import { LEVELS } from './levels.mjs';

const TOLERANCE = 1e-4; // ‖card − processor‖ / ‖processor‖, of each tensor of the state and each output
/**
 * Large networks have numbers so near to the kink of an activation that they pass it by rounding, and sums in which nearly all cancels
 * out. There the card may be off by this many times what the processor itself is off by when weights are moved by 64 units in their last
 * place, about what another order of some thousand additions makes.
 */
const ROUNDINGS = 4;
const NUDGE = 2 ** -17;
/** So often is it moved, at random: which numbers pass a kink is chance. */
const NUDGES = 4;
/** Bytes that 900 steps may cost: a leak of a kilobyte a step is found. */
const MOST_GROWTH = 8 * 2 ** 20;
const { values } = parseArgs({
  options: { json: { type: 'string' }, net: { type: 'string', multiple: true } },
});
const backend = await onnxruntimeWebgpu.plugin.create({}, undefined);
const probe = await backend.probe();
if (!probe.available) {
  console.log(`WebGPU: not checked: ${probe.reason} (${probe.fix})`);
  process.exit(3);
}
console.log(probe.device);
const engine = await backend.open();
const oracle = await (await onnxruntimeCpu.plugin.create({}, undefined)).open();
const transform = await boxBilinear.plugin.create({}, undefined);

const rows = [];
const isWanted = (name) => values.net?.some((part) => name.includes(part)) ?? true;
for (const { name, plugin, options, sizes, condition, parts } of LEVELS) {
  if (!isWanted(name)) continue;
  const pixels = { mean: [125, 123, 114], scale: [63, 62, 67], exact: true };
  const index = sizes.length - 1;
  const place = placeAt(sizes, index, { pixels, ...(condition && { condition }) });
  await check(name, await makeLevel(plugin, options, place, parts), sizes, index);
}
for (const [name, { asked, index }] of Object.entries(NETS))
  if (asked && isWanted(name)) {
    const { level, sizes } = await openNet(name);
    await check(name, level, sizes, index, true);
  }
const grown = await growth('small 4→8, 8 planes, batch 8', 1000);
console.log(
  `${grown <= MOST_GROWTH ? 'ok    ' : 'FAILED'} 1000 steps: the process grew by ${(grown / 2 ** 20).toFixed(1)} MiB`,
);
rows.push({ name: '1000 steps', passed: grown <= MOST_GROWTH, grown });
const failed = rows.filter(({ passed }) => !passed).length;
if (values.json)
  writeFileSync(
    values.json,
    `${JSON.stringify({ device: probe.device, tolerance: TOLERANCE, roundings: ROUNDINGS, rows }, null, 2)}\n`,
  );
console.log(`${rows.length - failed} passed, ${failed} failed`);
await engine.dispose();
await oracle.dispose();
process.exitCode = failed > 0 ? 1 : 0;

async function check(name, level, sizes, index, large = false) {
  const chosen = (all) => (large ? signless(all) : all);
  const allowed = ({ rounding }) => Math.max(TOLERANCE, large ? ROUNDINGS * rounding : 0);
  let [worst, error] = [null, null];
  try {
    const place = { level, transform, sizes, index, oracle };
    const all = chosen(await compareSteps({ ...place, engine }));
    const rounded = [];
    for (let seed = 0; seed < (large ? NUDGES : 1); seed += 1)
      rounded.push(chosen(await compareSteps({ ...place, engine: nudged(oracle, seed) })));
    const relative = all.map(({ name: tensor, program, difference, norm }, at) => ({
      tensor: `${program} ${tensor}`,
      difference: norm === 0 && difference === 0 ? 0 : difference / norm,
      rounding: norm === 0 ? 0 : Math.max(...rounded.map((one) => one[at].difference)) / norm,
    }));
    // NaN first: it is greater than nothing.
    worst =
      relative.find(({ difference }) => Number.isNaN(difference)) ??
      relative.toSorted((a, b) => b.difference / allowed(b) - a.difference / allowed(a))[0];
  } catch (cause) {
    error = cause.message;
  }
  const passed = worst !== null && worst.difference <= allowed(worst);
  rows.push({ name, passed, ...worst, ...(error && { error }) });
  const found =
    worst &&
    `${worst.difference.toExponential(1)} in ${worst.tensor}, by rounding ${worst.rounding.toExponential(1)}`;
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name}: ${error ?? found}`);
}

/**
 * Without what Adam has moved, but with its moments. Its first step is as long as the rate where a gradient is 0 but for rounding,
 * forth or back by chance, and large networks have such gradients.
 */
function signless(all) {
  const moments = all.flatMap(({ name }) => /^optimiser\.\w+\.m\.(.+)$/.exec(name)?.[1] ?? []);
  const moved = new Set(moments.flatMap((weight) => [weight, `average.${weight}`]));
  return all.filter(({ name }) => !moved.has(name));
}

/** An engine that is given other weights: each moved up, down or not at all. */
function nudged(exact, seed) {
  const moved = (state) =>
    Object.fromEntries(
      Object.entries(state).map(([key, value]) => {
        if (value.dtype !== 'float32') return [key, value];
        const ways = randomStream(seed, key).integers(value.data.length, 3);
        const data = value.data.map((number, at) => number * (1 + (ways[at] - 1) * NUDGE));
        return [key, { ...value, data }];
      }),
    );
  return {
    open: async (start) => {
      const state = await exact.open(moved(start));
      return {
        compile: (program) => state.compile(program),
        read: (names) => state.read(names),
        write: (next) => state.write(moved(next)),
        dispose: () => state.dispose(),
      };
    },
  };
}

/** Bytes by which the process grows over the last nine tenths of the steps of a net. */
async function growth(name, steps) {
  const { level, program, composed } = await openNet(name);
  const state = await engine.open({
    ...initialState(level.training.state, 1, 'check'),
    ...whiteningTensors(WHITENING),
  });
  const compiled = await state.compile(composed);
  const inputs = stepInputs(level, program, composed);
  let before = 0;
  for (let step = 0; step < steps; step += 1) {
    if (step === steps / 10) before = resident();
    await compiled.run(inputs);
  }
  const after = resident();
  await state.dispose();
  return after - before;
}

function resident() {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
}
