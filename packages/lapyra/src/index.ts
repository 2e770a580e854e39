export { defineConfig } from './define-config.js';
