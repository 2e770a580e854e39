import {
  conditionWidth,
  countParameters,
  type Engine,
  entropyBits,
  initialState,
  type Level,
  levelProgram,
  LapyraError,
  type ProgramCost,
  type Size,
  sizeName,
} from '@lapyra/core';
import { composeStep } from '@lapyra/training';
import { listBackends, selectBackend } from './composition/backends.js';
import { createPyramid, type Pyramid } from './composition/pyramid.js';
import type { ResolvedConfig } from './config/resolved-config.js';
import { openConfig, type OpenConfigOptions } from './open-config.js';
import { prepareData, type WorkHooks } from './prepare-data.js';
