// Which emojis are one name but for gender, age, direction and hair: they are never split between training and testing.

/** What tells emojis of a group apart. */
const VARIED = new Set(
  'man men woman women person people boy girl child baby face facing right left'.split(' '),
);
/** In codes: joiner, presentation, the signs of gender, a direction. */
const JOINER = '200D';
const PRESENTATION = 'FE0F';
const SIGNS = new Set(['2640', '2642', '27A1']);

export interface Named {
  /** Code points in hexadecimal, joined by `-`. */
  readonly unified: string;
  readonly name: string;
}

/**
 * A function that gives the group of each of some emojis: the lower-case name up to a colon, without the words in which its
 * variants differ. One that is composed of another emoji and a sign of gender or direction takes the other's name: a
 * woman running is a runner.
 */
export function nameGroups(all: readonly Named[]): (emoji: Named) => string {
  const byCode = new Map(all.map(({ unified, name }) => [codes(unified).join('-'), name]));
  return ({ unified, name }) => {
    const plain = codes(unified).filter((code) => code !== JOINER && !SIGNS.has(code));
    const isVariant = plain.length < codes(unified).filter((code) => code !== JOINER).length;
    const words = (isVariant ? (byCode.get(plain.join('-')) ?? name) : name)
      .toLowerCase()
      .replace(/:.*$/, '')
      .split(/[^\p{L}\p{N}&]+/u)
      .filter((word) => word !== '' && !VARIED.has(word));
    return words.length > 0 ? words.join(' ') : 'person';
  };
}

function codes(unified: string): string[] {
  return unified.split('-').filter((code) => code !== PRESENTATION);
}
