import { LapyraError, type LapyraErrorCode } from '@lapyra/core';

/**
 * Do work that writes to disk; what the system refuses (a full disk, missing rights, a file where a folder should be)
 * is thrown as a {@link LapyraError} with this code, the path and the way out. Any other error passes.
 *
 * @param subject what the message begins with
 * @param target file or folder that is to be written
 */
export async function writing<T>(
  code: LapyraErrorCode,
  subject: string,
  target: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = systemReason(cause);
    if (reason === null) throw cause;
    throw new LapyraError(code, `${subject}: expected a place to write ${target}, got ${reason}.`, {
      cause,
      hint:
        HINTS[reason.split(' ')[0]!] ??
        'Check that the folder is writable and that the disk has room.',
    });
  }
}

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: make room, or name a folder on another disk.',
  EDQUOT: 'Your share of the disk is used up: make room, or name a folder on another disk.',
  EROFS: 'The disk can only be read: name a folder on another one.',
  EACCES: 'The folder belongs to somebody else: change its rights, or name another one.',
  EPERM: 'The system does not allow it: change the rights of the folder, or name another one.',
  ENOTDIR: 'A file stands where a folder should be: move it, or name another folder.',
  EEXIST: 'A file stands where a folder should be: move it, or name another folder.',
};

/** `ENOTDIR at /the/path`; `null` for what the file system did not say. */
function systemReason(error: unknown): string | null {
  const { code, syscall, path } = (error ?? {}) as NodeJS.ErrnoException;
  if (!(error instanceof Error) || code === undefined || syscall === undefined) return null;
  return path === undefined ? code : `${code} at ${path}`;
}
