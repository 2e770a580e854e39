/** A string that is equal for equal attributes. Unlike plain JSON it keeps NaN, infinities and -0 apart. */
export function attrKey(attrs: unknown): string {
  if (typeof attrs === 'number') return Object.is(attrs, -0) ? '-0' : String(attrs);
  if (typeof attrs !== 'object' || attrs === null) return JSON.stringify(attrs) ?? 'undefined';
  if (Array.isArray(attrs) || ArrayBuffer.isView(attrs)) {
    let list = '[';
    for (const entry of attrs as readonly unknown[]) list += `${attrKey(entry)},`;
    return `${list}]`;
  }
  let record = '{';
  // As in JSON, an attribute that is undefined is as good as none.
  for (const [name, value] of Object.entries(attrs))
    if (value !== undefined) record += `${JSON.stringify(name)}:${attrKey(value)},`;
  return `${record}}`;
}
