import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const DAY = 24 * 60 * 60 * 1000;

/**
 * Remove what processes that were killed left in a folder. Only what is older than a day and of no living process goes:
 * on a shared disk a number that is unknown here may be a process of another machine.
 *
 * @param processOf the number of the process that made `name`; `null` if `name` is nothing of ours
 */
export async function clearLeftovers(
  folder: string,
  processOf: (name: string) => number | null,
): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = processOf(name);
    if (pid === null || isAlive(pid)) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    // What cannot be removed, for want of rights, does no harm where it lies.
    if (found && Date.now() - found.mtimeMs > DAY)
      await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // another user's
  }
}
