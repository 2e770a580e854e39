/** Names in a message: `'a', 'b'`, or `none`. */
export function quoteNames(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ') || 'none';
}
