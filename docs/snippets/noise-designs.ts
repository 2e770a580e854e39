import { dense, refine } from '@lapyra/level-adversarial';

export const levels = [
  { size: 8, steps: 6_800, model: dense({ noise: 100 }) },
  {
    size: 14,
    steps: 900,
    model: refine({ noise: { design: 'low-rank', rank: 8, distribution: 'normal', gain: 0 } }),
  },
  { size: 28, steps: 790, model: refine({ noise: { design: 'hashed', variables: 16 } }) },
];
