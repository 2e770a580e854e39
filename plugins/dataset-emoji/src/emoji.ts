import { definePlugin, type Plugin } from '@lapyra/core';
import { runNpm } from '@lapyra/datasets';
import * as v from 'valibot';
import type { TextKind } from './list-emojis.js';
import { type EmojiSettings, openEmoji } from './open-emoji.js';
import { EMOJI_PUBLICATION, type EmojiSize, SIZES } from './publication.js';

const CATEGORIES = [
  'Smileys & Emotion',
  'People & Body',
  'Component',
  'Animals & Nature',
  'Food & Drink',
  'Travel & Places',
  'Activities',
  'Objects',
  'Symbols',
  'Flags',
] as const;

export type EmojiCategory = (typeof CATEGORIES)[number];

export interface EmojiOptions {
  /** Side of the images, as they are published: 16, 20, 32 or 64 pixels. @default 32 */
  readonly size?: EmojiSize | undefined;
  /** Only these categories. Default: all. */
  readonly categories?: readonly EmojiCategory[] | undefined;
  /** Whether people and hands in each skin tone are images of their own. @default false */
  readonly skinTones?: boolean | undefined;
  /** What the texts of an emoji are: its name, its short names, its name and kind. @default ['name', 'short', 'kind'] */
  readonly texts?: readonly TextKind[] | undefined;
  /** What shows through transparent pixels. @default 'white' */
  readonly background?: 'white' | 'black' | undefined;
  /** Share of the groups of names that is kept for testing, in [0, 1). @default 0.1 */
  readonly testFraction?: number | undefined;
}

const once = <T>(names: readonly T[]): boolean => new Set(names).size === names.length;

const schema: v.GenericSchema<EmojiOptions, EmojiSettings> = v.strictObject({
  size: v.optional(v.picklist(SIZES), 32),
  categories: v.optional(
    v.pipe(
      v.array(v.picklist(CATEGORIES)),
      v.minLength(1, 'Expected at least one category, got none'),
      v.check(once, 'Expected each category once, got one of them twice'),
    ),
    [...CATEGORIES],
  ),
  skinTones: v.optional(v.boolean(), false),
  texts: v.optional(
    v.pipe(
      v.array(v.picklist(['name', 'short', 'kind'])),
      v.minLength(1, 'Expected at least one kind of text, got none'),
      v.check(once, 'Expected each kind of text once, got one of them twice'),
    ),
    ['name', 'short', 'kind'],
  ),
  background: v.optional(v.picklist(['white', 'black']), 'white'),
  testFraction: v.optional(
    v.pipe(
      v.number(),
      v.minValue(0),
      v.ltValue(1, ({ input }) => `Expected a share below 1, got ${input}`),
    ),
    0.1,
  ),
});

/**
 * Emoji images and their names as a dataset plugin: uint8 [n, size, size, 3], with texts, and subcategories as classes.
 *
 * Opening it throws `LAPYRA_DATASET_UNAVAILABLE` if the npm package cannot be had, `LAPYRA_DATASET_CHECKSUM` if what was
 * fetched is not the published one, `LAPYRA_DATASET_EMPTY` if nothing is left to train on, `LAPYRA_DATASET_CACHE`.
 *
 * Source: Twemoji (© Twitter, Inc and other contributors, CC BY 4.0) as published in emoji-datasource-twitter.
 */
export const emoji: Plugin<'dataset', EmojiOptions, EmojiSettings> = definePlugin({
  kind: 'dataset',
  use: '@lapyra/dataset-emoji#emoji',
  summary: 'Emoji images and their names (Twemoji, CC BY 4.0).',
  options: schema,
  create: (settings: EmojiSettings) => ({
    name: 'emoji',
    open: (context) =>
      openEmoji(settings, context, { publication: EMOJI_PUBLICATION, npm: runNpm }),
  }),
});
