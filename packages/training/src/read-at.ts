import { readSync } from 'node:fs';

/** Fill `target` from a file at `position`, or as far as the file goes: sums tell what was cut off. */
export function readAt(descriptor: number, target: Uint8Array, position: number): void {
  for (let done = 0; done < target.length;) {
    const read = readSync(descriptor, target, done, target.length - done, position + done);
    if (read === 0) return;
    done += read;
  }
}
