// The world that tfjs-core's specs find: its chained operations, its cpu backend for the specs that name it, and the backend under test with
// the gradients that it registers; none of tfjs-core's own.
/* oxlint-disable no-restricted-imports -- what the specs need is not among tfjs-core's public entries */
import '@tensorflow/tfjs-core/dist/index.js';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js';
import '@tensorflow/tfjs-backend-cpu';
import { registerOnnxRuntimeBackend } from '@lapyra/tfjs-onnx';
import { setTestEnvs } from '@tensorflow/tfjs-core/dist/jasmine_util.js';
import { backendName } from './names.mjs';

registerOnnxRuntimeBackend({ name: backendName, sessionOptions: { intraOpNumThreads: 1 } });
setTestEnvs([{ name: backendName, backendName, isDataSync: false, flags: {} }]);
