import { library } from '../../tsup.base.js';

export default library({
  entry: ['src/index.ts', 'src/level-child.ts'],
  // 250 files, which every command and the process of every level would open: a sixth of a second of a processor.
  noExternal: [/^@?inversify/],
});
