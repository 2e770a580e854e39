/** The backend under test. */
export const backendName = 'onnxruntime';

/** The name of a spec without the environment that tfjs-core's harness puts into it. */
export function plainName(fullName) {
  return fullName.replace(` ${backendName} {}`, '');
}
