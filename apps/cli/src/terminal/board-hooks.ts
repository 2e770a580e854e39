import type { WorkHooks } from '@lapyra/runtime';
import type { ProgressBoard } from './progress-board.js';

/** Shows notices and progress of long work on a board. */
export function boardHooks(board: ProgressBoard): WorkHooks {
  return {
    notice: (line) => board.say(line),
    progress: ({ what, done, total }) => board.working(what, done, total),
  };
}
