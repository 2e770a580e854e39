import { LapyraError } from './error.js';
import type { PluginKind } from './plugin.js';

/** Plain data as it survives JSON and back. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A choice of plugin and options in a config: plain data that another process can act upon. */
export interface Descriptor<Kind extends PluginKind = PluginKind> {
  /** `package-name#export`. */
  readonly use: string;
  readonly options: { readonly [key: string]: Json };
  /** Carried by the type alone, so that a level is not taken where a dataset is wanted. */
  readonly kind?: Kind;
}

export interface PluginReference {
  readonly packageName: string;
  readonly exportName: string;
}

// npm's rules for names, less the legacy ones; an export is an identifier.
const REFERENCE = /^((?:@[a-z\d-][a-z\d._-]*\/)?[a-z\d-][a-z\d._-]*)#([A-Za-z_$][\w$]*)$/;

/**
 * Take `package-name#export` apart.
 *
 * @throws {LapyraError} `LAPYRA_PLUGIN_REFERENCE` for paths, addresses, `node:` built-ins and anything else
 */
export function parseReference(use: string): PluginReference {
  const match = REFERENCE.exec(use);
  if (!match?.[1] || !match[2]) {
    throw new LapyraError(
      'LAPYRA_PLUGIN_REFERENCE',
      `use: expected 'package-name#export', got '${use}'.`,
      {
        hint: 'Plugins are named by package and export; paths, addresses and built-in modules are not allowed.',
      },
    );
  }
  return { packageName: match[1], exportName: match[2] };
}

/**
 * `value` if it is plain data.
 *
 * @param path where it stands, for the message: `levels[0].model.options`
 * @throws {LapyraError} `LAPYRA_CONFIG_NOT_DATA` naming the path of a function, NaN, infinity, typed array, date,
 * class instance, undefined array element or cycle
 */
export function assertJson(value: unknown, path: string): asserts value is Json {
  walk(value, path, new Set());
}

function walk(value: unknown, path: string, above: Set<object>): void {
  const refuse = (what: string): never => {
    throw new LapyraError('LAPYRA_CONFIG_NOT_DATA', `${path}: expected plain data, got ${what}.`, {
      hint: 'A config must survive JSON and back: use strings, finite numbers, booleans, null, arrays and plain objects.',
    });
  };
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuse(String(value));
    return;
  }
  if (typeof value !== 'object')
    return refuse(value === undefined ? 'undefined' : `a ${typeof value}`);
  if (above.has(value)) return refuse('a cycle');
  above.add(value);
  if (Array.isArray(value)) {
    value.forEach((item, index) => walk(item, `${path}[${index}]`, above));
  } else {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) refuse(`a ${value.constructor.name}`);
    for (const [key, item] of Object.entries(value))
      if (item !== undefined) walk(item, `${path}.${key}`, above);
  }
  above.delete(value);
}
