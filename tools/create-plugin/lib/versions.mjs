/** Versions that go together: those of the repository of Lapyra, which a test compares. */
export const VERSIONS = {
  lapyra: '0.1.0',
  contract: 2,
  '@tensorflow/tfjs-core': '4.22.0',
  '@types/node': '20.19.43',
  'onnxruntime-node': '1.30.0',
  typescript: '7.0.2',
  valibot: '1.5.0',
  vitest: '4.1.12',
};
