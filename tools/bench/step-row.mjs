// A net against eager PyTorch: one training step of both, taken in turns.
import { availableParallelism } from 'node:os';
import { alternate, median, times } from './measure.mjs';
import { NETS } from './nets.mjs';
import { openNet } from './open-net.mjs';
import { torchProduct } from './find-torch.mjs';
import { bestVariant, ONNX, startOurs, startTorch, variantName } from './processes.mjs';

/** Side of the matrices whose product tells what a library can reach. */
const SIDE = 1024;
/** Numbers of operations of both sides may differ by what is no layer: views, losses, updates. */
const COST_TOLERANCE = 0.1;

/** @param torch `null`: there is no peer @param progress is told of rounds done */
export async function stepRow(name, { steps, torch, progress }) {
  const net = NETS[name];
  const { peer } = await openNet(name);
  const threads = Math.min(2, availableParallelism());
  const rounds = net.few ? Math.min(steps, net.few) : steps;
  progress('compiling');
  const mine = await startOurs(ONNX, name, threads);
  await mine.ask('step');
  if (!torch || net.alone) {
    const [ours] = await alternate([mine], rounds, (done) => progress('steps', done, rounds));
    const row = await ourPart(name, mine, threads, ours);
    await mine.close();
    return { ...row, peer: null, peer_ms: null, ratio: null };
  }
  progress('trying settings of PyTorch');
  const allowed = threads > 1 ? [threads, 1] : [1];
  const variant = await bestVariant(torch, peer, allowed);
  const theirs = await startTorch(torch, peer, variant);
  await theirs.ask('step');
  const [ours, other] = await alternate([mine, theirs], rounds, (done) =>
    progress('steps', done, rounds),
  );
  const row = await ourPart(name, mine, threads, ours);
  const peerMemory = await theirs.ask('memory');
  const { parameters, flop } = await theirs.ask('cost');
  checkSame(name, row, parameters, flop);
  await theirs.close();
  progress('multiplying matrices');
  const peak = await mine.ask('product', SIDE);
  const peerPeak = torchProduct(torch, threads);
  const peaks = [Math.max(peak, await mine.ask('product', SIDE)), peerPeak];
  await mine.close();
  const peerMs = median(other);
  return {
    ...row,
    peak_gflops: peaks[0],
    peer: `PyTorch ${torch.version}, ${variantName(variant)}`,
    peer_ms: peerMs,
    peer_flop: flop,
    peer_peak_gflops: peaks[1],
    peer_memory_bytes: peerMemory,
    ratio: row.ours_ms / peerMs,
  };
}

async function ourPart(name, mine, threads, taken) {
  const { asked, aim, askedMemory } = NETS[name];
  const memory = await mine.ask('memory');
  const compile = await mine.ask('compiled');
  const { parameters, flop } = await mine.ask('cost');
  return {
    net: name,
    engine: 'onnxruntime-cpu',
    steps: taken.length,
    threads,
    ours_ms: median(taken),
    memory_bytes: memory,
    compile_ms: compile,
    parameters,
    flop,
    ...(asked ? { asked, aim } : {}),
    ...(askedMemory ? { asked_memory: askedMemory } : {}),
  };
}

/** Both sides must do the same work, or their times say nothing. */
function checkSame(name, ours, parameters, flop) {
  if (ours.parameters !== parameters)
    throw new Error(
      `${name}: expected ${ours.parameters} parameters on both sides, the peer has ${parameters}`,
    );
  if (Math.abs(ours.flop / flop - 1) > COST_TOLERANCE)
    throw new Error(
      `${name}: expected ${(ours.flop / 1e9).toFixed(2)} GFLOP on both sides, the peer has ${(flop / 1e9).toFixed(2)}`,
    );
}

/** A net on the compiled engine against eager tfjs. */
export async function eagerRow(name, { steps, tfjs }) {
  const pair = [await startOurs(ONNX, name, 1), await startOurs(tfjs, name, 1)];
  for (const one of pair) await one.ask('step');
  const [ours, peer] = (await alternate(pair, steps)).map(median);
  await Promise.all(pair.map((one) => one.close()));
  return {
    net: name,
    engine: 'onnxruntime-cpu',
    steps,
    threads: 1,
    ours_ms: ours,
    peer: 'eager tfjs cpu',
    peer_ms: peer,
    ratio: ours / peer,
  };
}

/** What the host does for a step outside the engine (images, noise, masks), as a share of the whole step. */
export async function hostRow(name, { steps }) {
  const one = await startOurs(ONNX, name, 1);
  await times(40, () => one.ask('host'));
  const hosted = [];
  const stepped = [];
  for (let step = 0; step < steps; step += 1) {
    hosted.push(await one.ask('host'));
    stepped.push(await one.ask('step'));
  }
  await one.close();
  const [host, step] = [median(hosted), median(stepped)];
  return {
    net: `host work of ${name}`,
    engine: 'onnxruntime-cpu',
    steps,
    threads: 1,
    ours_ms: host,
    peer: 'host and engine',
    peer_ms: host + step,
    ratio: host / (host + step),
  };
}
