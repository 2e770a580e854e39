export { haar } from './haar.js';
