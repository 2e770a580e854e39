import { library } from '../../tsup.base.js';

export default library({
  platform: 'neutral',
  entry: ['src/index.ts', 'src/gradients/index.ts', 'src/metadata/index.ts'],
});
