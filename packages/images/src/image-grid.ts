import { LapyraError, type Size } from '@lapyra/core';
import { drawLabel, labelSize } from './draw-label.js';
import type { Channels, Picture } from './picture.js';

export interface ImageGridOptions {
  /** uint8 [n, H, W, C], row by row. */
  readonly images: Uint8Array;
  readonly size: Size;
  readonly channels: Channels;
  /** Images per row. Default: the square root of their number, rounded up. */
  readonly columns?: number;
  /** Pixels between images and around them. @default 2 */
  readonly gap?: number;
  /** Each pixel becomes a square of this side. @default 1 */
  readonly scale?: number;
  /** Grey between the images, 0…255. @default 255 */
  readonly background?: number;
  /** Words to the left of each row, for as many rows as there are words. */
  readonly rowLabels?: readonly string[];
}

interface Layout {
  readonly count: number;
  readonly columns: number;
  readonly gap: number;
  readonly scale: number;
  /** Of one image, scaled. */
  readonly cell: Size;
  /** From the top of one row to the top of the next. */
  readonly pitch: number;
  readonly left: number;
  readonly textScale: number;
}

/**
 * One picture of many images of the same size, in rows.
 *
 * @returns rows · (H·scale + gap) + gap high (rows of small images grow to the height of their label), and
 * columns · (W·scale + gap) + gap wide, more where rows have labels
 * @throws {LapyraError} `LAPYRA_IMAGE_GRID` for no images, a length that is no multiple of H·W·C, or options out of
 * range
 */
export function imageGrid(options: ImageGridOptions): Picture {
  const layout = plan(options);
  const rows = Math.ceil(layout.count / layout.columns);
  const height = rows * layout.pitch + layout.gap;
  const width = layout.left + layout.columns * (layout.cell[1] + layout.gap);
  const { channels, background = 255 } = options;
  const pixels = new Uint8Array(height * width * channels).fill(background);
  if (channels === 4) for (let i = 3; i < pixels.length; i += 4) pixels[i] = 255;
  const grid: Picture = { size: [height, width], channels, pixels };
  for (let index = 0; index < layout.count; index++) drawImage(grid, options, layout, index);
  (options.rowLabels ?? []).slice(0, rows).forEach((label, row) => {
    const [textHeight] = labelSize(label, layout.textScale);
    const room = layout.pitch - layout.gap - textHeight;
    const top = layout.gap + row * layout.pitch + Math.floor(room / 2);
    const ink = background >= 128 ? 0 : 255;
    drawLabel(grid, label, { top, left: layout.gap, scale: layout.textScale, ink });
  });
  return grid;
}

function plan(options: ImageGridOptions): Layout {
  const { images, size, channels, gap = 2, scale = 1, rowLabels = [] } = options;
  const per = size[0] * size[1] * channels;
  const count = images.length / per;
  const columns = options.columns ?? Math.ceil(Math.sqrt(count));
  const whole = (value: number, least: number): boolean =>
    Number.isInteger(value) && value >= least;
  refuseUnless(
    whole(count, 1),
    `one or more images of [${size.join(', ')}, ${channels}]`,
    `${images.length} bytes, ${count} images`,
  );
  refuseUnless(whole(columns, 1), 'columns of at least 1', `${columns}`);
  refuseUnless(whole(gap, 0), 'a gap of whole pixels', `${gap}`);
  refuseUnless(whole(scale, 1), 'a whole scale of at least 1', `${scale}`);
  const cell: Size = [size[0] * scale, size[1] * scale];
  const textScale = Math.max(1, Math.floor(cell[0] / 24));
  const labels = rowLabels.map((label) => labelSize(label, textScale));
  const labelHeight = Math.max(0, ...labels.map(([h]) => h));
  const labelWidth = Math.max(0, ...labels.map(([, w]) => w));
  return {
    count,
    columns,
    gap,
    scale,
    cell,
    pitch: Math.max(cell[0], labelHeight) + gap,
    left: labelWidth > 0 ? gap + labelWidth + 2 * textScale + gap : gap,
    textScale,
  };
}

/** Nearest neighbour: each pixel `scale` times across, each row `scale` times down. */
function drawImage(grid: Picture, options: ImageGridOptions, layout: Layout, index: number): void {
  const { images, size, channels } = options;
  const { scale, cell, gap } = layout;
  const start = index * size[0] * size[1] * channels;
  const room = layout.pitch - gap - cell[0]; // where labels are higher than images
  const top = gap + Math.floor(index / layout.columns) * layout.pitch + Math.floor(room / 2);
  const left = layout.left + (index % layout.columns) * (cell[1] + gap);
  const stride = grid.size[1] * channels;
  const row = new Uint8Array(cell[1] * channels);
  for (let y = 0; y < size[0]; y++) {
    for (let x = 0; x < cell[1]; x++) {
      const from = start + (y * size[1] + Math.floor(x / scale)) * channels;
      for (let c = 0; c < channels; c++) row[x * channels + c] = images[from + c] ?? 0;
    }
    for (let copy = 0; copy < scale; copy++)
      grid.pixels.set(row, (top + y * scale + copy) * stride + left * channels);
  }
}

function refuseUnless(fine: boolean, expected: string, got: string): void {
  if (fine) return;
  throw new LapyraError('LAPYRA_IMAGE_GRID', `imageGrid: expected ${expected}, got ${got}.`);
}
