import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Dataset } from './dataset.js';
import { assertJson, type Descriptor, type Json, parseReference } from './descriptor.js';
import type { Backend } from './engine.js';
import type { Level } from './level.js';
import type { LevelPlace } from './place.js';
import type { Transform } from './transform.js';

/** The version of the contract in this package. It grows when a plugin written for the one before would break. */
export const CONTRACT = 1;

export type PluginKind = 'level' | 'transform' | 'dataset' | 'backend';

/** What a plugin of each kind makes, and what it is told beside its options. */
export interface PluginKinds {
  level: { readonly makes: Level; readonly told: LevelPlace };
  transform: { readonly makes: Transform; readonly told: undefined };
  dataset: { readonly makes: Dataset; readonly told: undefined };
  backend: { readonly makes: Backend; readonly told: undefined };
}

export interface PluginDefinition<Kind extends PluginKind, Input, Output> {
  readonly kind: Kind;
  /** `package-name#export`: where this very plugin is exported. */
  readonly use: string;
  /** One sentence for `lapyra plugins`. */
  readonly summary: string;
  /** Checks the options and fills in defaults; from valibot, zod or any library with the Standard Schema. */
  readonly options: StandardSchemaV1<Input, Output>;
  create(
    options: Output,
    told: PluginKinds[Kind]['told'],
  ): PluginKinds[Kind]['makes'] | Promise<PluginKinds[Kind]['makes']>;
}

/** What a plugin package exports: call it in a config to get a descriptor. */
export interface Plugin<Kind extends PluginKind = PluginKind, Input = unknown, Output = unknown> {
  (options?: Input): Descriptor<Kind>;
  readonly plugin: PluginDefinition<Kind, Input, Output> & { readonly contract: number };
}

/**
 * Define a plugin. The result is exported under the name in `use`, and is itself the function that people call in a
 * config: `refine({ width: 64 })` returns `{ use: '@lapyra/level-adversarial#refine', options: { width: 64 } }`.
 *
 * @throws {LapyraError} `LAPYRA_PLUGIN_REFERENCE` if `use` is not `package-name#export`; and, when called with
 * options that are not plain data, `LAPYRA_CONFIG_NOT_DATA`
 */
export function definePlugin<Kind extends PluginKind, Input extends object, Output>(
  definition: PluginDefinition<Kind, Input, Output>,
): Plugin<Kind, Input, Output> {
  parseReference(definition.use);
  const describe = (options?: Input): Descriptor<Kind> => {
    const given: unknown = options ?? {};
    assertJson(given, `${definition.use} options`);
    return { use: definition.use, options: given as { readonly [key: string]: Json } };
  };
  return Object.assign(describe, { plugin: { ...definition, contract: CONTRACT } });
}

/** Whether an export of some package is a plugin, of any contract version. */
export function isPlugin(value: unknown): value is Plugin {
  const plugin = (value as Partial<Plugin> | null)?.plugin;
  return (
    typeof value === 'function' &&
    typeof plugin?.contract === 'number' &&
    typeof plugin.create === 'function'
  );
}
