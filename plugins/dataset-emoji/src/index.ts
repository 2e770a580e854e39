export { emoji } from './emoji.js';
export type { EmojiCategory, EmojiOptions } from './emoji.js';
export type { EmojiSettings } from './open-emoji.js';
export type { EmojiSize } from './publication.js';
export type { TextKind } from './list-emojis.js';
