import type { Engine } from './engine.js';

/** Turns texts into the vectors that a pyramid is conditioned on. */
export interface TextEncoder {
  /** For messages: `character trigrams`. */
  readonly name: string;
  /** Length of a text's vector. */
  readonly width: number;
  /** Changes when the vectors do, or the texts that are refused: name, options, a hash of stored weights. */
  readonly fingerprint: string;
  /**
   * The vectors of texts, [texts, width], each independent of the others.
   *
   * @throws {LapyraError} `LAPYRA_TEXT_EMPTY`, `LAPYRA_TEXT_LENGTH`
   */
  encode(texts: readonly string[], context: EncodeContext): Promise<Float32Array>;
}

export interface EncodeContext {
  /** For encoders that are networks. */
  readonly engine: Engine;
  readonly signal: AbortSignal;
}
