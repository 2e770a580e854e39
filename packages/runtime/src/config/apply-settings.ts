import { basename } from 'node:path';
import {
  assertJson,
  type Json,
  LapyraError,
  nearestName,
  parseSizeName,
  sizeName,
  toSize,
} from '@lapyra/core';

type JsonObject = { [key: string]: Json };

/**
 * A config with some values replaced, as `--set a.b=c` asks. Levels are called by their size:
 * `levels.14.model.options.width=64`. Values are JSON where they can be, else text. `levels.14.from=runs/a/levels/14` puts
 * a level of another run in the place of the whole level.
 *
 * @throws {LapyraError} `LAPYRA_CONFIG_SETTING` if a setting has no `=` or its path leads nowhere; `LAPYRA_CONFIG_NOT_DATA`
 */
export function applySettings(config: unknown, settings: readonly string[]): unknown {
  if (settings.length === 0) return config;
  assertJson(config, 'config');
  // Through JSON, since levels may share one descriptor, which a structured clone would keep shared.
  const copy = JSON.parse(JSON.stringify(config)) as Json;
  for (const setting of settings) apply(copy, setting);
  return copy;
}

function apply(config: Json, setting: string): void {
  const cut = setting.indexOf('=');
  const keys = cut < 0 ? [] : setting.slice(0, cut).split('.');
  if (keys.length === 0 || keys.some((key) => key === '' || key === '__proto__')) {
    throw refusal(setting, `expected path=value, such as levels.14.steps=500`);
  }
  const last = keys.pop()!;
  let at: Json = config;
  for (const key of keys) {
    const next: Json | undefined = step(at, key);
    if (next === undefined || next === null || typeof next !== 'object') {
      const near = nearestName(key, namesIn(at));
      throw refusal(setting, `there is no '${key}' to set something in`, near);
    }
    at = next;
  }
  if (Array.isArray(at)) {
    throw refusal(setting, `name a value inside a level: ${[...keys, last, 'steps'].join('.')}`);
  }
  const level = at as JsonObject;
  // A level is trained here or taken from elsewhere, never both.
  const isLevel = keys.length === 2 && keys[0] === 'levels';
  if (isLevel && (last === 'from') !== 'from' in level) {
    if (last !== 'from')
      throw refusal(setting, `level ${keys[1]} is taken from another run, with nothing to set`);
    for (const key of Object.keys(level)) delete level[key];
  }
  level[last] = parse(setting.slice(cut + 1));
}

function step(at: Json, key: string): Json | undefined {
  if (!Array.isArray(at))
    return Object.hasOwn(at as JsonObject, key) ? (at as JsonObject)[key] : undefined;
  return (at as readonly Json[]).find((level) => levelName(level) === key);
}

function namesIn(at: Json): readonly string[] {
  return Array.isArray(at)
    ? (at as readonly Json[]).flatMap((level) => levelName(level) ?? [])
    : Object.keys(at as JsonObject);
}

function levelName(level: Json): string | undefined {
  const { size, from } = level as { size?: number | [number, number]; from?: string };
  try {
    const name = size === undefined ? from && basename(from) : sizeName(toSize(size)); // runs/a/levels/14
    return !name ? undefined : sizeName(parseSizeName(name));
  } catch {
    return undefined; // reported when the config is checked
  }
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function refusal(setting: string, what: string, near?: string): LapyraError {
  return new LapyraError('LAPYRA_CONFIG_SETTING', `--set ${setting}: ${what}.`, {
    hint:
      near === undefined
        ? 'A path leads through the config: data.crop, or levels.14.steps with the size of a level.'
        : `Did you mean '${near}'?`,
  });
}
