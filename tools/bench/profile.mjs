// Where the time of a compiled step goes: ONNX Runtime's own profile, summed up by kind of operator.
//
//   npm run bench:profile -- --net PART-OF-NAME [--steps N] [--threads N] [--nodes N] [--engine cpu|webgpu]
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { initialState, whiteningTensors } from '@lapyra/core';
import { onnxruntimeCpu, onnxruntimeWebgpu } from '@lapyra/backend-onnxruntime';
import '@lapyra/tfjs-onnx/gradients';
import { InferenceSession } from 'onnxruntime-node';
import { NETS } from './nets.mjs';
import { openNet, WHITENING } from './open-net.mjs';
import { stepInputs } from './step-inputs.mjs';

const { values } = parseArgs({
  options: {
    net: { type: 'string' },
    steps: { type: 'string', default: '8' },
    threads: { type: 'string', default: '1' },
    nodes: { type: 'string', default: '12' },
    engine: { type: 'string', default: 'cpu' },
  },
});
const names = Object.keys(NETS).filter((name) => values.net && name.includes(values.net));
if (names.length === 0) {
  console.error(`--net: expected a part of one of: ${Object.keys(NETS).join('; ')}`);
  process.exit(2);
}
const ENGINES = { cpu: onnxruntimeCpu, webgpu: onnxruntimeWebgpu };
if (!Object.hasOwn(ENGINES, values.engine)) {
  console.error(
    `--engine: expected one of ${Object.keys(ENGINES).join(', ')}, got ${values.engine}`,
  );
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'lapyra-profile-'));
const sessions = profileSessions(join(folder, 'profile'));
for (const name of names) report(name, await profile(name));
rmSync(folder, { recursive: true });

/** Let every session that is made from now on keep a profile. */
function profileSessions(profileFilePrefix) {
  const made = [];
  const create = InferenceSession.create;
  InferenceSession.create = async (model, options) => {
    const session = await create.call(InferenceSession, model, {
      ...options,
      enableProfiling: true,
      profileFilePrefix: `${profileFilePrefix}-${made.length}`,
    });
    made.push({ session, prefix: `${profileFilePrefix}-${made.length}` });
    return session;
  };
  return made;
}

async function profile(name) {
  const { level, program, composed } = await openNet(name);
  const backend = await ENGINES[values.engine].plugin.create({}, undefined);
  const engine = await backend.open({ threads: Number(values.threads) });
  const state = await engine.open({
    ...initialState(level.training.state, 1, 'bench'),
    ...whiteningTensors(WHITENING),
  });
  const compiled = await state.compile(composed);
  const { session } = sessions.at(-1);
  const inputs = stepInputs(level, program, composed);
  for (let step = 0; step <= Number(values.steps); step += 1) await compiled.run(inputs);
  session.endProfiling();
  const events = JSON.parse(readFileSync(profileFile(), 'utf8'));
  await engine.dispose();
  return events;
}

function profileFile() {
  const { prefix } = sessions.at(-1);
  const [file] = readdirSync(folder).filter((one) => join(folder, one).startsWith(prefix));
  return join(folder, file);
}

function report(name, events) {
  const timed = values.engine === 'cpu' ? nodesOf(events) : kernelsOf(events);
  const whole = sum(timed);
  const [where, what] =
    values.engine === 'cpu' ? [`${values.threads} threads`, 'nodes'] : ['WebGPU', 'kernels'];
  console.log(`${name}, ${where}: ${whole.toFixed(1)} ms in ${timed.length} ${what}`);
  const kinds = [...byOperator(timed)];
  for (const [op, of] of kinds.toSorted((a, b) => sum(b[1]) - sum(a[1])).slice(0, 12)) {
    const share = ((100 * sum(of)) / whole).toFixed(1);
    console.log(
      `${sum(of).toFixed(1).padStart(9)} ms ${share.padStart(5)} %  ${op} (${of.length})`,
    );
  }
  const longest = timed.toSorted((a, b) => b.ms - a.ms).slice(0, Number(values.nodes));
  for (const { ms, key, shapes } of longest)
    console.log(`${ms.toFixed(2).padStart(9)} ms  ${key}: ${shapes}`);
}

/** What ran on the processor: of each node the shortest time. */
function nodesOf(events) {
  const nodes = new Map();
  for (const { cat, name: event, dur, args } of events) {
    if (cat !== 'Node' || !event.endsWith('_kernel_time')) continue;
    const key = event.slice(0, -'_kernel_time'.length);
    const known = nodes.get(key) ?? { op: args.op_name, shapes: shapesOf(args), taken: [] };
    known.taken.push(dur / 1000);
    nodes.set(key, known);
  }
  return [...nodes].map(([key, { op, shapes, taken }]) => ({
    key,
    op,
    shapes,
    ms: Math.min(...taken.slice(1)),
  }));
}

/** What ran on a card, by the card's own clock: a node may take several kernels. Means of all steps but the first. */
function kernelsOf(events) {
  const kernels = new Map();
  for (const { cat, name: key, dur, args } of events) {
    if (cat !== 'Api') continue;
    const known = kernels.get(key) ?? { op: key.split('&').at(-1), shapes: args.shapes, taken: [] };
    known.taken.push(dur / 1000);
    kernels.set(key, known);
  }
  const steps = Number(values.steps);
  return [...kernels].map(([key, { op, shapes, taken }]) => {
    const later = taken.slice(taken.length / (steps + 1));
    return { key, op, shapes, ms: later.reduce((total, ms) => total + ms, 0) / steps };
  });
}

function shapesOf({ input_type_shape: inputs, output_type_shape: outputs }) {
  const list = (types) => types.map((type) => `[${Object.values(type)[0].join('×')}]`).join(' ');
  return `${list(inputs)} → ${list(outputs)}`;
}

function sum(nodes) {
  return nodes.reduce((total, { ms }) => total + ms, 0);
}

function byOperator(nodes) {
  const groups = new Map();
  for (const node of nodes) groups.set(node.op, [...(groups.get(node.op) ?? []), node]);
  return groups;
}
