import type { Backend, Dataset, Level, TextEncoder, Transform } from '@lapyra/core';
import type { ServiceIdentifier } from 'inversify';
import type { ResolvedConfig } from '../config/resolved-config.js';
import type { Project } from '../project.js';
import type { CreateOptions } from '../plugins/create-plugin.js';
import type { DataShape } from './pyramid.js';

// Tokens stand apart from what binds them: in the file that declares it, TypeScript narrows a token to a plain symbol.
export const PROJECT: ServiceIdentifier<Project> = Symbol.for('lapyra.project');
export const CONFIG: ServiceIdentifier<ResolvedConfig> = Symbol.for('lapyra.config');
export const CREATE_OPTIONS: ServiceIdentifier<CreateOptions> = Symbol.for('lapyra.create-options');
export const DATA_SHAPE: ServiceIdentifier<DataShape> = Symbol.for('lapyra.data-shape');
export const DATASET: ServiceIdentifier<Dataset> = Symbol.for('lapyra.dataset');
/** `null` for a pyramid that is not conditioned on texts. */
export const ENCODER: ServiceIdentifier<TextEncoder | null> = Symbol.for('lapyra.encoder');
export const TRANSFORM: ServiceIdentifier<Transform> = Symbol.for('lapyra.transform');
/** One binding a level, from coarse to fine. */
export const LEVELS: ServiceIdentifier<Level> = Symbol.for('lapyra.levels');
/** One binding a backend that the project has installed. */
export const BACKENDS: ServiceIdentifier<Backend> = Symbol.for('lapyra.backends');
