import { learn } from '../../../docs/snippets/train-in-browser.js';
import { decodeCifar10 } from './levels.mjs';

/** The program of docs/browsers.md, which opens an engine of its own. */
export async function learnAsShown(_engine, { file, gpu, steps }) {
  const told = [];
  const tell = (step, losses) => told.push({ step, losses });
  return { ...(await learn(decodeCifar10(file), [32, 32], { gpu, steps }, tell)), told };
}
