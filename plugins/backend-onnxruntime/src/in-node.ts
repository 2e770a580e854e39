/** Whether this is Node, or something that passes for it; otherwise it is a browser. */
export const inNode: boolean =
  typeof process === 'object' && typeof process.versions?.node === 'string';
