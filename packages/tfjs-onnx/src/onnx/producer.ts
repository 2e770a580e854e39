/** How files name the package that wrote them. */
export const PRODUCER = '@lapyra/tfjs-onnx';

/** The version of this package, as in its package.json. */
export const VERSION = '0.1.0';
