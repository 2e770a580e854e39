export { boxBilinear } from './box-bilinear.js';
export { burtAdelson } from './burt-adelson.js';
