/** What a whole pyramid is conditioned on. It reaches every level as a float32 tensor `condition` [B, width]. */
export type ConditionSpec =
  | { readonly kind: 'none' }
  /** One of `names.length` classes, as a one-hot vector. */
  | { readonly kind: 'classes'; readonly names: readonly string[] }
  /** A vector made from text or anything else; `of`: the fingerprint of the encoder that makes it, if there is one. */
  | { readonly kind: 'embedding'; readonly width: number; readonly of?: string };

/** The width of the condition vector: the number of classes, the width of the embedding, or 0. */
export function conditionWidth(spec: ConditionSpec): number {
  if (spec.kind === 'classes') return spec.names.length;
  return spec.kind === 'embedding' ? spec.width : 0;
}
