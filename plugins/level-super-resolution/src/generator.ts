import { LapyraError, type LevelPlace, sizeName } from '@lapyra/core';
import {
  batchNorm,
  conv2d,
  convTranspose2d,
  type Module,
  pixelShuffle,
  prelu,
  residual,
  sequential,
  type SequentialPart,
} from '@lapyra/nn';
import type { GeneratorOptions } from './super-resolve-options.js';

/**
 * SRGAN's generator (Ledig et al. 2017): a first convolution with PReLU; B residual blocks of two 3 × 3 convolutions and a
 * convolution behind them, all of it a residual in turn; upsamplers by ×2; a last convolution, linear. From the image below
 * [B, h, w, C], or the upsampled one [B, H, W, C], to [B, H, W, C].
 *
 * @throws {LapyraError} `LAPYRA_LEVEL_PLACE` if steps of ×2 do not lead from the size below to the level's
 */
export function residualGenerator(options: GeneratorOptions, place: LevelPlace): Module {
  const { width, blocks, kernel, upsampling } = options;
  const { channels } = place;
  const convolution = (inputs: number, out: number, side: number, bias = true): Module =>
    conv2d({ in: inputs, out, kernel: side, padding: (side - 1) / 2, bias });
  // Batch norm takes the mean away, and a bias with it.
  const normalised = (index: number): SequentialPart[] => [
    [`conv${index}`, convolution(width, width, 3, !options.batchNorm)],
    ...(options.batchNorm ? [[`norm${index}`, batchNorm({ channels: width })] as const] : []),
  ];
  const block = (): Module =>
    residual(sequential([...normalised(1), ['act', prelu({ channels: width })], ...normalised(2)]));
  const body = sequential([
    ...Array.from({ length: blocks }, (_, at) => [`block${at + 1}`, block()] as const),
    ...normalised(0),
  ]);
  const steps = upsampling === 'before' ? 0 : doublings(place);
  const upsampler = (): SequentialPart[] =>
    upsampling === 'transposed'
      ? [['conv', convTranspose2d({ in: width, out: width, kernel: 4, stride: 2, padding: 1 })]]
      : [
          ['conv', convolution(width, 4 * width, 3)],
          ['shuffle', pixelShuffle(2)],
        ];
  return sequential([
    ['head', convolution(channels, width, kernel)],
    ['act', prelu({ channels: width })],
    ['body', residual(body)],
    ...Array.from(
      { length: steps },
      (_, at) =>
        [`up${at + 1}`, sequential([...upsampler(), ['act', prelu({ channels: width })]])] as const,
    ),
    ['tail', convolution(width, channels, kernel)],
  ]);
}

/** How often the size below must be doubled to be the level's. */
function doublings({ size, coarse }: LevelPlace): number {
  const [height, width] = size.map((side, axis) => Math.log2(side / coarse![axis]!));
  if (height === width && Number.isInteger(height) && height! > 0) return height!;
  throw new LapyraError(
    'LAPYRA_LEVEL_PLACE',
    `superResolve at ${sizeName(size)}: expected a size below that is doubled once or more, got ${sizeName(coarse!)}.`,
    {
      hint: "Set generator.upsampling to 'before', which works on the upsampled image and takes any ratio.",
    },
  );
}
