import { onnxruntimeCpu } from '@lapyra/backend-onnxruntime';
import { tfjsCpu } from '@lapyra/backend-tfjs';
import { dense } from '@lapyra/level-adversarial';
import { drawnImages, levelConformance, makeLevel, placeAt } from '@lapyra/testing';
import { boxBilinear } from '@lapyra/transform-laplacian';

const compiled = await onnxruntimeCpu.plugin.create({}, undefined);
const eager = await tfjsCpu.plugin.create({}, undefined);
const sizes = [[4, 6]] as const;
const classes = { kind: 'classes', names: ['cat', 'dog', 'ship'] } as const;

await levelConformance({
  name: 'dense, 4×6, grey, in a pyramid of three classes',
  create: () =>
    makeLevel(
      dense,
      { noise: 5, generator: { hidden: [8] }, discriminator: { hidden: [8] } },
      placeAt(sizes, 0, { channels: 1, condition: classes }),
    ),
  engine: () => compiled.open({ threads: 1 }),
  oracle: () => eager.open(),
  transform: await boxBilinear.plugin.create({}, undefined),
  sizes,
  index: 0,
  images: drawnImages(),
});
