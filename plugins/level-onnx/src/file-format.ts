import { LapyraError } from '@lapyra/core';
import * as v from 'valibot';
import type { OnnxPort } from './onnx-ports.js';

/** What numbers a file takes or gives for black and white. */
export type PixelRange = '0..1' | '-1..1' | '0..255';
export type Layout = 'nchw' | 'nhwc';
export type Colours = 'rgb' | 'bgr' | 'luma';

const RANGES = ['0..1', '-1..1', '0..255'] as const;
export const range: v.GenericSchema<PixelRange> = v.picklist(RANGES);
export const layout: v.GenericSchema<Layout> = v.picklist(['nchw', 'nhwc']);
export const fileName: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.nonEmpty('expected a path, got none'),
);

/** pixel (0…255) = number · scale + offset. */
export function pixelsOf(of: PixelRange): { readonly scale: number; readonly offset: number } {
  if (of === '0..255') return { scale: 1, offset: 0 };
  return of === '0..1' ? { scale: 255, offset: 0 } : { scale: 127.5, offset: 127.5 };
}

/** `[any, 3, any, any]` */
function shown(shape: OnnxPort['shape'] | readonly string[]): string {
  return shape
    ? `[${shape.map((side) => side ?? 'any').join(', ')}]`
    : 'a shape that it does not state';
}

/**
 * The only port, or the one of that name.
 *
 * @throws {LapyraError} `LAPYRA_ONNX_PORTS`
 */
export function onePort(
  subject: string,
  what: 'input' | 'output',
  ports: readonly OnnxPort[],
  name: string | null,
): OnnxPort {
  const names = ports.map((one) => `'${one.name}'`).join(', ') || 'none';
  const found = name === null ? ports[0] : ports.find((one) => one.name === name);
  const isOnly = what === 'output' ? name !== null || ports.length === 1 : ports.length === 1;
  if (!found || !isOnly) {
    throw new LapyraError(
      'LAPYRA_ONNX_PORTS',
      `${subject}: expected ${name === null ? `one ${what}` : `${what === 'input' ? 'the only ' : ''}${what} '${name}'`}, got ${names}.`,
      what === 'output' ? { hint: 'Say which one it is in output.name.' } : {},
    );
  }
  if (found.dtype !== 'float32') {
    throw new LapyraError(
      'LAPYRA_ONNX_PORTS',
      `${subject}: expected ${what} '${found.name}' of float32, got ${found.dtype}.`,
    );
  }
  return found;
}

/**
 * Refuse a port of another shape; a dimension that is `null` on either side may be anything.
 *
 * @param wanted with a word for what may be anything
 * @throws {LapyraError} `LAPYRA_ONNX_PORTS`
 */
export function checkShape(
  subject: string,
  what: 'input' | 'output',
  { name, shape }: OnnxPort,
  wanted: readonly (number | string)[],
  hint: string,
): void {
  if (shape === null) return;
  const fits =
    shape.length === wanted.length &&
    shape.every((side, axis) => {
      const other = wanted[axis]!;
      return side === null || typeof other === 'string' || side === other;
    });
  if (fits) return;
  throw new LapyraError(
    'LAPYRA_ONNX_PORTS',
    `${subject}: expected ${what} '${name}' [${wanted.join(', ')}], got ${shown(shape)}.`,
    { hint },
  );
}
