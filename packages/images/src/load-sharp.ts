import type sharp from 'sharp';

/** sharp, loaded when a picture is first read, resized or written: most commands do none of these. */
export async function loadSharp(): Promise<typeof sharp> {
  return (await import('sharp')).default;
}
