export { charNgrams } from './char-ngrams.js';
export type { CharNgramsOptions, CharNgramsSettings } from './char-ngrams.js';
export { charCnnRnn } from './char-cnn-rnn.js';
export type { CharCnnRnnOptions, CharCnnRnnSettings } from './char-cnn-rnn.js';
export { ALPHABET, charForward, charWeights, LONGEST, oneHotText, WIDTH } from './char-network.js';
