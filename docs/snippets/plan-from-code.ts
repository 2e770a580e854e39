import { planPyramid } from '@lapyra/runtime';

const plan = await planPyramid(
  { folder: 'my-pyramid', settings: ['seed=2'] },
  { notice: (line) => console.log(line), progress: () => {} },
);
for (const { name, parameters, cost } of plan.levels) console.log(name, parameters, cost?.flop);
