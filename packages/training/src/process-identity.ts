// A process is known by its number and the time of its start, since numbers are used again; and a number means something
// only inside its namespace: containers number their processes apart, even where they share host name and kernel.
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

/**
 * When a process was started, in the system's own words (equal only for the same process); `null` if it is gone, '' if
 * it lives but hides its start. On Linux from /proc, elsewhere from `ps`.
 */
export function processStart(pid: number): string | null {
  let foreign = false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    foreign = (error as NodeJS.ErrnoException).code === 'EPERM'; // it lives, under another user
    if (!foreign) return null;
  }
  if (process.platform === 'linux') return linuxStart(pid) ?? (foreign ? '' : null);
  if (process.platform === 'win32') return '';
  const { stdout, status } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  const [, state, start] = /^\s*(\S+)\s+(.+?)\s*$/.exec(stdout ?? '') ?? [];
  if (status !== 0 || !state || !start) return null;
  return state.startsWith('Z') ? null : start;
}

/** In which the numbers of this process's neighbours mean something: on Linux its pid namespace, elsewhere ''. */
export function processNamespace(): string {
  if (process.platform !== 'linux') return '';
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return ''; // /proc is hidden
  }
}

function linuxStart(pid: number): string | null {
  let line: string;
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The name in brackets may hold spaces and brackets; the fields after it are the 3rd (state) to the 52nd.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const ticks = fields[19]; // the 22nd: ticks since the system was started
  if (state === 'Z' || state === 'X' || !ticks) return null; // dead, only not yet collected by its parent
  return `${bootId()}:${ticks}`;
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
