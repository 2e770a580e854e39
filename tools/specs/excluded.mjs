/** Specs that are known to fail, by the reason. */
const EXCLUDED = [];

/** The reason by the spec's name. */
export function excludedSpecs() {
  return new Map(EXCLUDED.flatMap(({ reason, specs }) => specs.map((name) => [name, reason])));
}
