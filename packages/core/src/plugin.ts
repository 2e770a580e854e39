import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Dataset } from './dataset.js';
import { assertJson, type Descriptor, type Json, parseReference } from './descriptor.js';
import type { Backend } from './engine.js';
import type { FeatureNet } from './features.js';
import type { Level } from './level.js';
import type { LevelPlace } from './place.js';
import type { TextEncoder } from './text-encoder.js';
import type { Transform } from './transform.js';

/** The version of the contract in this package. It grows when a plugin written for the one before would break. */
export const CONTRACT = 2;

export type PluginKind = 'level' | 'transform' | 'dataset' | 'backend' | 'features' | 'encoder';

/** What a plugin of each kind makes, and what it is told beside its options. */
export interface PluginKinds {
  level: { readonly makes: Level; readonly told: LevelPlace };
  transform: { readonly makes: Transform; readonly told: undefined };
  dataset: { readonly makes: Dataset; readonly told: undefined };
  backend: { readonly makes: Backend; readonly told: undefined };
  features: { readonly makes: FeatureNet; readonly told: undefined };
  encoder: { readonly makes: TextEncoder; readonly told: undefined };
}

/** Options that are descriptors of other plugins, and of which kind, or names of files: `{ features: 'features' }`. */
export type PluginParts = Readonly<Record<string, PluginKind | 'file'>>;

/** What those options name, made or read beforehand; an option that is not given has no part. */
export type MadeParts<Parts extends PluginParts> = {
  readonly [Option in keyof Parts]?: Parts[Option] extends PluginKind
    ? PluginKinds[Parts[Option]]['makes']
    : GivenFile;
};

/** A file of the project. Its hash is stored with a run, which refuses to go on with another. */
export interface GivenFile {
  /** As the option names it, relative to the project's folder. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface PluginDefinition<
  Kind extends PluginKind,
  Input,
  Output,
  Parts extends PluginParts = PluginParts,
> {
  readonly kind: Kind;
  /** `package-name#export`: where this very plugin is exported. */
  readonly use: string;
  /** One sentence for `lapyra plugins`. */
  readonly summary: string;
  /** Checks the options and fills in defaults; from valibot, zod or any library with the Standard Schema. */
  readonly options: StandardSchemaV1<Input, Output>;
  /**
   * Options whose values, once checked, are descriptors of plugins (or missing, or `null`). They are made first, and
   * come from the packages that the project or this plugin's own package depends on. An option marked `file` is the path
   * of a file, from the project's folder; it is read first.
   */
  readonly parts?: Parts;
  create(
    options: Output,
    told: PluginKinds[Kind]['told'],
    parts: MadeParts<Parts>,
  ): PluginKinds[Kind]['makes'] | Promise<PluginKinds[Kind]['makes']>;
}

/** What a plugin package exports: call it in a config to get a descriptor. */
export interface Plugin<Kind extends PluginKind = PluginKind, Input = unknown, Output = unknown> {
  (options?: Input): Descriptor<Kind>;
  readonly plugin: Omit<PluginDefinition<Kind, Input, Output>, 'create'> & {
    readonly contract: number;
    /** @param made the parts that the options name, made; see {@link PluginDefinition.parts} */
    create(
      options: Output,
      told: PluginKinds[Kind]['told'],
      made?: Readonly<Record<string, unknown>>,
    ): ReturnType<PluginDefinition<Kind, Input, Output>['create']>;
  };
}

/**
 * Define a plugin. The result is exported under the name in `use`, and is itself the function that people call in a
 * config: `refine({ width: 64 })` returns `{ use: '@lapyra/level-adversarial#refine', options: { width: 64 } }`.
 *
 * @throws {LapyraError} `LAPYRA_PLUGIN_REFERENCE` if `use` is not `package-name#export`; and, when called with
 * options that are not plain data, `LAPYRA_CONFIG_NOT_DATA`
 */
export function definePlugin<
  Kind extends PluginKind,
  Input extends object,
  Output,
  // oxlint-disable-next-line no-generated-empty-object-type -- no parts is what is meant
  Parts extends PluginParts = Readonly<Record<string, never>>,
>(definition: PluginDefinition<Kind, Input, Output, Parts>): Plugin<Kind, Input, Output> {
  parseReference(definition.use);
  const describe = (options?: Input): Descriptor<Kind> => {
    const given: unknown = options ?? {};
    assertJson(given, `${definition.use} options`);
    return { use: definition.use, options: given as { readonly [key: string]: Json } };
  };
  const plugin: Plugin<Kind, Input, Output>['plugin'] = {
    ...definition,
    contract: CONTRACT,
    // Whoever makes the parts has looked up their kinds by name, where TypeScript cannot follow.
    create: (options, told, made = {}) =>
      definition.create(options, told, made as MadeParts<Parts>),
  };
  return Object.assign(describe, { plugin });
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
