import type { CropReader, ImageSplit } from '@lapyra/training';

/** A crop of an image, as training may have seen it. */
export interface CropView {
  readonly top: number;
  readonly left: number;
  readonly mirrored: boolean;
}

/** An axis with more places than this is looked at in so many of them. */
const PLACES = 9;

/** Every crop of an image: all places, or nine a side where there are more, and mirrored if training mirrors. */
export function allViews({ slack }: Pick<CropReader, 'slack'>, flip: boolean): readonly CropView[] {
  const [tops, lefts] = [places(slack[0]), places(slack[1])];
  return tops.flatMap((top) =>
    lefts.flatMap((left) => sides(flip).map((mirrored) => ({ top, left, mirrored }))),
  );
}

/** The middle crop, and mirrored if training mirrors. */
export function middleViews(
  { slack }: Pick<CropReader, 'slack'>,
  flip: boolean,
): readonly CropView[] {
  const [top, left] = [Math.floor(slack[0] / 2), Math.floor(slack[1] / 2)];
  return sides(flip).map((mirrored) => ({ top, left, mirrored }));
}

/** One view of some images, uint8 [n, H, W, C]. */
export function readView(
  crops: CropReader,
  channels: number,
  split: ImageSplit,
  indices: readonly number[],
  { top, left, mirrored }: CropView,
): Uint8Array {
  const pixels = new Uint8Array(indices.length * crops.crop[0] * crops.crop[1] * channels);
  indices.forEach((index, at) => crops.read(split, index, top, left, mirrored, pixels, at));
  return pixels;
}

function sides(flip: boolean): readonly boolean[] {
  return flip ? [false, true] : [false];
}

function places(slack: number): readonly number[] {
  if (slack < PLACES) return Array.from({ length: slack + 1 }, (_, at) => at);
  return Array.from({ length: PLACES }, (_, at) => Math.round((at * slack) / (PLACES - 1)));
}
