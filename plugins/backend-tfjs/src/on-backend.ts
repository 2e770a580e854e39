// tfjs has one current backend in a process, and it belongs to the user: engines borrow it within one turn of the event
// loop, so that neither the user's code nor another engine ever sees it changed.
import {
  backend,
  engine,
  getBackend,
  KernelBackend,
  ready,
  registerBackend,
  removeBackend,
  setBackend,
} from '@tensorflow/tfjs-core';

/**
 * Run `work`, which must be synchronous, with the tfjs backend `name` as the current one, and put the backend of before
 * back. `name` must have been started with {@link startBackend}.
 */
export async function onBackend<Result>(name: string, work: () => Result): Promise<Result> {
  await settled();
  const before = getBackend();
  if (before !== name) makeCurrent(name);
  try {
    return work();
  } finally {
    if (before !== name) putBack(before);
  }
}

/**
 * Have tfjs know the backend `name` by awaiting `load`. tfjs's current backend, and what it would choose by itself, stay.
 */
export async function loadBackend<Result>(
  name: string,
  load: () => Promise<Result>,
): Promise<Result> {
  const before = getBackend();
  const known = engine().findBackendFactory(name) !== null;
  try {
    return await load();
  } finally {
    const registered = engine().registryFactory[name];
    if (!known && registered) registered.priority = 0;
    if (getBackend() !== before) putBack(before);
  }
}

/**
 * Start a registered backend without making it the current one.
 *
 * @throws whatever the backend throws when it cannot start
 */
export async function startBackend(name: string): Promise<KernelBackend> {
  const { registry, registryFactory } = engine();
  const entry = registryFactory[name];
  if (!entry) throw new Error(`tfjs has no backend '${name}'`);
  if (registry[name]) return registry[name];
  const started = await entry.factory();
  // Somebody else may have been quicker. tfjs calls the factory again when it chooses by itself: the same instance then.
  const instance = (registry[name] ??= started);
  entry.factory = () => instance;
  return instance;
}

/** Until no backend is on its way: tfjs refuses all work while somebody's is. */
async function settled(): Promise<void> {
  // Without a current backend ready() would choose one, and nobody has asked for that.
  if (getBackend()) await ready();
}

function makeCurrent(name: string): void {
  // A started backend is the current one before setBackend returns.
  setBackend(name).catch(() => undefined);
  backend(); // throws if it is not
}

function putBack(before: string | undefined | null): void {
  // If nobody had chosen a backend yet, so be it again: tfjs forgets its choice when the current backend is removed.
  if (!before) registerBackend(NOBODY, () => new Nobody(), 0);
  setBackend(before || NOBODY).catch(() => undefined);
  if (!before) removeBackend(NOBODY);
}

const NOBODY = 'lapyra-nobody';

class Nobody extends KernelBackend {
  override dispose(): void {}
}
