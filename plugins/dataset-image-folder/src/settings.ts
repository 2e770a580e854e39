import type { PictureSettings } from '@lapyra/datasets';

/** The options of `imageFolder` with defaults filled in. */
export interface ImageFolderSettings extends PictureSettings {
  readonly folder: string;
  readonly onCorrupt: 'refuse' | 'skip';
  readonly testFraction: number;
}
