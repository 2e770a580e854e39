export { charNgrams } from './char-ngrams.js';
export type { CharNgramsOptions, CharNgramsSettings } from './char-ngrams.js';
