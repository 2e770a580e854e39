/** A string that is equal for equal attributes. Unlike plain JSON it keeps NaN, infinities and -0 apart. */
export function attrKey(attrs: unknown): string {
  return JSON.stringify(attrs, (_key, value: unknown) => {
    if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
      return `number:${Object.is(value, -0) ? '-0' : String(value)}`;
    return value;
  });
}
