import { LapyraError } from '@lapyra/core';
import type { WorkHooks } from './prepare-data.js';

/**
 * Whether a stored file can be opened; if it is damaged the user is told, and it is to be made anew.
 *
 * @throws what else speaks against opening it
 */
export function isWhole(open: () => { close(): void }, hooks: WorkHooks): boolean {
  try {
    open().close();
    return true;
  } catch (error) {
    if (!LapyraError.is(error, 'LAPYRA_DATA_DAMAGED')) throw error;
    hooks.notice(`${error.message} It is made anew.`);
    return false;
  }
}
