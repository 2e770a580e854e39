import { pixelScale, type Size, transformGain, type Whitening } from '@lapyra/core';
import { ContainerModule } from 'inversify';
import type { ResolvedConfig, ResolvedLevel } from '../config/resolved-config.js';
import { createPlugin, type CreateOptions } from '../plugins/create-plugin.js';
import { listPluginPackages } from '../plugins/plugin-package.js';
import type { Project } from '../project.js';
import {
  BACKENDS,
  CONFIG,
  CREATE_OPTIONS,
  DATA_SHAPE,
  DATASET,
  ENCODER,
  LEVELS,
  PROJECT,
  TRANSFORM,
} from './tokens.js';

/** What every other module leans on. */
export function runModule(
  project: Project,
  config: ResolvedConfig,
  options: CreateOptions,
): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(PROJECT).toConstantValue(project);
    bind(CONFIG).toConstantValue(config);
    bind(CREATE_OPTIONS).toConstantValue(options);
  });
}

export function datasetModule(): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(DATASET).toResolvedValue(
      (project, config, options) =>
        createPlugin(project, 'dataset', config.data.from, undefined, options),
      [PROJECT, CONFIG, CREATE_OPTIONS],
    );
  });
}

export function encoderModule(): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(ENCODER).toResolvedValue(
      async (project, { condition }, options) =>
        typeof condition === 'string'
          ? null
          : createPlugin(project, 'encoder', condition.text, undefined, options),
      [PROJECT, CONFIG, CREATE_OPTIONS],
    );
  });
}

export function transformModule(): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(TRANSFORM).toResolvedValue(
      (project, config, options) =>
        createPlugin(project, 'transform', config.transform, undefined, options),
      [PROJECT, CONFIG, CREATE_OPTIONS],
    );
  });
}

/**
 * A level is told its place, which it has from its neighbour below and from the data.
 *
 * @param whitening `null`: not measured yet
 */
export function levelModule(
  level: ResolvedLevel,
  sizes: readonly Size[],
  index: number,
  whitening: Whitening | null,
): ContainerModule {
  return new ContainerModule(({ bind }) => {
    bind(LEVELS).toResolvedValue(
      (project, config, shape, transform, options) =>
        createPlugin(
          project,
          'level',
          level.model,
          {
            size: level.size,
            coarse: sizes[index - 1] ?? null,
            channels: shape.channels,
            condition: shape.condition,
            transform: transform.plain.id,
            pixels: pixelScale(
              config.data.whitening,
              whitening,
              shape.channels,
              transformGain(transform.plain, sizes, index),
              transformGain(transform.plain, sizes, Math.max(0, index - 1)),
            ),
          },
          options,
        ),
      [PROJECT, CONFIG, DATA_SHAPE, TRANSFORM, CREATE_OPTIONS],
    );
  });
}

/** One module for each backend that the project depends on; which one is used is chosen later. */
export function backendModules(project: Project): readonly ContainerModule[] {
  return listPluginPackages(project).flatMap(({ name, plugins }) =>
    Object.entries(plugins)
      .filter(([, kind]) => kind === 'backend')
      .map(
        ([exportName]) =>
          new ContainerModule(({ bind }) => {
            bind(BACKENDS).toResolvedValue(
              (owner) =>
                createPlugin(
                  owner,
                  'backend',
                  { use: `${name}#${exportName}`, options: {} },
                  undefined,
                ),
              [PROJECT],
            );
          }),
      ),
  );
}
