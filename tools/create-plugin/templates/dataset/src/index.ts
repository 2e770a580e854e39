export { myPlugin } from './my-plugin.js';
export type { MyPluginInput, MyPluginOptions } from './my-plugin.js';
