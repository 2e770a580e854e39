import { createHash } from 'node:crypto';
import { LapyraError } from '@lapyra/core';
import { nameGroups } from './name-group.js';

/** One image with all that is known of it. */
export interface Emoji {
  readonly unified: string;
  readonly name: string;
  /** Its captions: see {@link TextKind}. */
  readonly texts: readonly string[];
  /** Emojis of a group differ in gender, age, direction, hair or skin tone only. */
  readonly group: string;
  readonly category: string;
  readonly subcategory: string;
  /** On the sheets. */
  readonly column: number;
  readonly row: number;
}

/** The name; the short names that it is typed by; the name and its kind of things: `leopard, animal mammal`. */
export type TextKind = 'name' | 'short' | 'kind';

export interface Listing {
  readonly texts: readonly TextKind[];
  readonly categories: readonly string[];
  readonly skinTones: boolean;
}

/** What is used of an entry of `emoji.json`. */
interface Entry {
  readonly unified: string;
  readonly name: string;
  readonly short_names: readonly string[];
  readonly category: string;
  readonly subcategory: string;
  readonly sheet_x: number;
  readonly sheet_y: number;
  readonly has_img_twitter: boolean;
  readonly skin_variations?: Readonly<
    Record<string, Pick<Entry, 'unified' | 'sheet_x' | 'sheet_y' | 'has_img_twitter'>>
  >;
}

const TONES: Readonly<Record<string, string>> = {
  '1F3FB': 'light',
  '1F3FC': 'medium light',
  '1F3FD': 'medium',
  '1F3FE': 'medium dark',
  '1F3FF': 'dark',
};

/**
 * The emojis of `emoji.json`, in an order that is mixed but fixed: by the SHA-256 of the group, then of the code points.
 *
 * @throws {LapyraError} `LAPYRA_DATASET_EMPTY` for categories that have none
 */
export function listEmojis(json: string, { texts, categories, skinTones }: Listing): Emoji[] {
  const all = JSON.parse(json) as readonly Entry[];
  const groupOf = nameGroups(all);
  const emojis = all
    .filter(({ category }) => categories.includes(category))
    .flatMap((entry): Emoji[] => {
      const { category, subcategory } = entry;
      const said = textsOf(entry, texts);
      const shared = { group: groupOf(entry), category, subcategory };
      const place = (at: Pick<Entry, 'sheet_x' | 'sheet_y'>): Pick<Emoji, 'column' | 'row'> => ({
        column: at.sheet_x,
        row: at.sheet_y,
      });
      const tones = skinTones ? Object.entries(entry.skin_variations ?? {}) : [];
      return [
        ...(entry.has_img_twitter
          ? [
              {
                ...shared,
                unified: entry.unified,
                name: lower(entry.name),
                texts: said,
                ...place(entry),
              },
            ]
          : []),
        ...tones
          .filter(([, variation]) => variation.has_img_twitter)
          .map(([codes, variation]) => ({
            ...shared,
            unified: variation.unified,
            name: `${lower(entry.name)}, ${toneOf(codes)}`,
            texts: said.map((text) => `${text}, ${toneOf(codes)}`),
            ...place(variation),
          })),
      ];
    });
  if (emojis.length === 0)
    throw new LapyraError(
      'LAPYRA_DATASET_EMPTY',
      `emoji: expected emojis of ${categories.join(', ')}, got none.`,
    );
  const keyed = emojis.map((emoji) => ({
    emoji,
    key: `${hash(emoji.group)} ${hash(emoji.unified)}`,
  }));
  return keyed.toSorted((a, b) => (a.key < b.key ? -1 : 1)).map(({ emoji }) => emoji);
}

/**
 * Whether a group is for testing: the first 32 bits of the SHA-256 of its name, as a number on [0, 1), are below the
 * fraction. Whatever else is in the set does not matter.
 */
export function isForTesting(group: string, fraction: number): boolean {
  return Number.parseInt(hash(group).slice(0, 8), 16) / 2 ** 32 < fraction;
}

function textsOf(entry: Entry, kinds: readonly TextKind[]): readonly string[] {
  const name = lower(entry.name);
  const given: Readonly<Record<TextKind, readonly string[]>> = {
    name: [name],
    short: entry.short_names.map((short) => lower(short.replace(/[_-]+/g, ' '))),
    kind: [`${name}, ${lower(entry.subcategory.replaceAll('-', ' '))}`],
  };
  return [...new Set(kinds.flatMap((kind) => given[kind]))];
}

function lower(text: string): string {
  return text.toLowerCase().trim();
}

/** Pairs of people have two: `light and dark skin tone`. */
function toneOf(codes: string): string {
  const tones = codes.split('-').map((code) => TONES[code] ?? code);
  return `${tones.join(' and ')} skin tone`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
