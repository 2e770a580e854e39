// A whole preset: all its levels, as `lapyra train` schedules them, with what the host does for each step.
import { availableParallelism } from 'node:os';
import { ratesTogether } from './measure.mjs';
import { openNet } from './open-net.mjs';
import { torchProduct } from './find-torch.mjs';
import { bestVariant, ONNX, startOurs, startTorch, variantName } from './processes.mjs';

/** Milliseconds of each measurement of levels that run at the same time, and how often it is made on either side. */
const SPELL = 2500;
const SPELLS = 3;
/** Side of the matrices whose product tells what a library can reach. */
const SIDE = 1024;

/**
 * The time of a preset from rates that were measured: as many levels at once as there are cores, one thread each, the
 * next one where one has ended. What runs at the same time is measured at the same time, on one side and the other in turns.
 */
export async function presetRow({ name, asked, aim, levels }, { torch, progress }) {
  const jobs = Math.min(levels.length, availableParallelism());
  progress('compiling');
  const sides = { ours: [], peer: [] };
  const variants = [];
  for (const { net } of levels) {
    sides.ours.push(await startOurs(ONNX, net, 1));
    const { peer } = await openNet(net);
    const variant = await bestVariant(torch, peer, [1]);
    variants.push(variant);
    sides.peer.push(await startTorch(torch, peer, variant));
  }
  const rates = new Map();
  /** Steps a millisecond of levels that run together, by side: the medians of all spells. */
  const together = async (running) => {
    const key = running.join();
    if (!rates.has(key)) {
      const found = { ours: [], peer: [] };
      for (let spell = 0; spell < SPELLS; spell += 1) {
        for (const side of ['ours', 'peer']) {
          progress(
            `levels ${running.map((at) => levels[at].net.split(' ')[1]).join(' and ')}`,
            spell,
            SPELLS,
          );
          const processes = running.map((at) => sides[side][at]);
          found[side].push(await ratesTogether(processes, SPELL, 'whole'));
        }
      }
      const middle = (spells) =>
        running.map(
          (_, at) =>
            spells.map((rate) => rate[at]).toSorted((a, b) => a - b)[Math.floor(SPELLS / 2)],
        );
      rates.set(key, { ours: middle(found.ours), peer: middle(found.peer) });
    }
    return rates.get(key);
  };
  const scheduled = async (side) => {
    const left = levels.map(({ steps }) => steps);
    const waiting = [...levels.keys()];
    let running = waiting.splice(0, jobs);
    let time = 0;
    while (running.length > 0) {
      const rate = (await together(running))[side];
      const spans = running.map((at, index) => left[at] / rate[index]);
      const span = Math.min(...spans);
      time += span;
      running.forEach((at, index) => (left[at] -= rate[index] * span));
      const ended = running[spans.indexOf(span)];
      running = [...running.filter((at) => at !== ended), ...waiting.splice(0, 1)].toSorted(
        (a, b) => a - b,
      );
    }
    return time;
  };
  const ours = await scheduled('ours');
  const theirs = await scheduled('peer');
  const sum = async (side, command, part = (value) => value, weights = levels.map(() => 1)) => {
    const values = await Promise.all(sides[side].map(async (one) => part(await one.ask(command))));
    return values.reduce((total, value, at) => total + value * weights[at], 0);
  };
  const stepsOf = levels.map(({ steps }) => steps);
  /** Of as many processes as there are levels at once, at the same time. */
  const peak = async () => {
    const each = sides.ours.slice(0, jobs).map((one) => one.ask('product', SIDE));
    return (await Promise.all(each)).reduce((total, rate) => total + rate);
  };
  const memory = { ours: await sum('ours', 'memory'), peer: await sum('peer', 'memory') };
  const row = {
    net: name,
    engine: 'onnxruntime-cpu',
    steps: null,
    threads: `1 a level, ${jobs} at once`,
    ours_ms: ours,
    memory_bytes: memory.ours,
    compile_ms: await sum('ours', 'compiled'),
    parameters: await sum('ours', 'cost', ({ parameters }) => parameters),
    flop: await sum('ours', 'cost', ({ flop }) => flop, stepsOf),
    asked,
    aim,
    peak_gflops: await peak(),
    peer: `PyTorch ${torch.version}, ${[...new Set(variants.map(variantName))].join(' or ')}`,
    peer_ms: theirs,
    peer_flop: await sum('peer', 'cost', ({ flop }) => flop, stepsOf),
    peer_peak_gflops: torchProduct(torch, jobs),
    peer_memory_bytes: memory.peer,
    ratio: ours / theirs,
    rates: Object.fromEntries(
      [...rates].map(([key, value]) => [
        key
          .split(',')
          .map((at) => levels[at].net)
          .join(' + '),
        Object.fromEntries(
          Object.entries(value).map(([side, each]) => [side, each.map((rate) => 1 / rate)]),
        ),
      ]),
    ),
  };
  await Promise.all([...sides.ours, ...sides.peer].map((one) => one.close()));
  return row;
}
