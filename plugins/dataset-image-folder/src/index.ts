export { imageFolder } from './image-folder.js';
export type { ImageFolderOptions } from './image-folder.js';
export type { ImageFolderSettings } from './settings.js';
