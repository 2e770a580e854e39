import { LapyraError } from '@lapyra/core';

/**
 * A text as encoders read it: compatibility characters replaced (Unicode NFKC), in lower case, each run of white space as one
 * space, none at the ends.
 *
 * @param longest characters that are allowed
 * @throws {LapyraError} `LAPYRA_TEXT_EMPTY`, `LAPYRA_TEXT_LENGTH`
 */
export function readText(text: string, longest: number, encoder: string): string {
  const plain = text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
  const length = Array.from(plain).length;
  if (length === 0)
    throw new LapyraError(
      'LAPYRA_TEXT_EMPTY',
      `${encoder}: expected a text of one character or more, got ${JSON.stringify(text)}.`,
    );
  if (length > longest)
    throw new LapyraError(
      'LAPYRA_TEXT_LENGTH',
      `${encoder}: expected a text of at most ${longest} characters, got ${length}: ${JSON.stringify(`${plain.slice(0, 40)}…`)}.`,
      { hint: 'Shorten the text, or raise the limit in the options of the encoder.' },
    );
  return plain;
}
