import * as backends from '@lapyra/backend-onnxruntime';
import { draw, drawFused } from './draw.mjs';
import { fit } from './fit.mjs';
import { learnAsShown } from './learn.mjs';
import { timeSteps, train, trainThenTogether } from './train.mjs';
import { look } from './watch-memory.mjs';

const PROGRAMS = { draw, drawFused, fit, learnAsShown, timeSteps, train, trainThenTogether };

/** Run a program of this folder on a backend. */
export async function run({ backend, threads, program, options }) {
  const opened = await backends[backend].plugin.create({}, undefined);
  const engine = await opened.open(threads === undefined ? {} : { threads });
  try {
    return await PROGRAMS[program](engine, await withFiles(options));
  } finally {
    await engine.dispose();
  }
}

/** Options that are addresses become what lies there: `file` its bytes, `folder` a function that reads its files. */
async function withFiles({ file, folder, ...options }) {
  const read = async (address) => new Uint8Array(await (await fetch(address)).arrayBuffer());
  return {
    ...options,
    look,
    ...(file && { file: typeof file === 'string' ? await read(file) : file }),
    ...(folder && { read: (name) => read(`${folder}/${name}`) }),
  };
}
