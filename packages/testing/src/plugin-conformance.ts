// What every package of plugins must say of itself and hold, whatever its plugins do.
import { readFileSync } from 'node:fs';
import { CONTRACT, isPlugin, type Plugin } from '@lapyra/core';
import { describe, expect, it } from 'vitest';

export interface PluginConformanceOptions {
  /** Where the package's package.json is: `new URL('../package.json', import.meta.url)`. */
  readonly manifest: URL;
  /** What the package exports: `import * as exported from '../src/index.js'`. */
  readonly exports: Readonly<Record<string, unknown>>;
}

/** One thing that a plugin package must do; `run` throws if it does not. */
export interface PackageCheck {
  readonly title: string;
  run(): void | Promise<void>;
}

interface Manifest {
  readonly name: string;
  readonly type?: string;
  readonly keywords?: readonly string[];
  readonly lapyra?: {
    readonly contract?: number;
    readonly plugins?: Readonly<Record<string, string>>;
  };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * The conformance suite of plugin packages: call it at the top of a test file.
 *
 * It holds the field `lapyra` of package.json against what is exported: the contract's version, each plugin under its
 * name, of its kind, with a `use` that leads back to it; options that refuse what they do not know and describe
 * themselves as plain data; core as a peer, so that there is one copy of it.
 */
export function pluginConformance(options: PluginConformanceOptions): void {
  const manifest = JSON.parse(readFileSync(options.manifest, 'utf8')) as Manifest;
  describe(`package ${manifest.name}`, () => {
    for (const { title, run } of packageChecks(manifest, options.exports)) it(title, run);
  });
}

export function packageChecks(
  manifest: Manifest,
  exported: PluginConformanceOptions['exports'],
): PackageCheck[] {
  const { name, lapyra = {}, keywords = [], dependencies = {}, peerDependencies = {} } = manifest;
  const listed = lapyra.plugins ?? {};
  const plugins = Object.entries(exported).filter((entry): entry is [string, Plugin] =>
    isPlugin(entry[1]),
  );
  return [
    {
      title: 'says in its package.json which plugins it has, for this contract, by keyword too',
      run: () => {
        expect(manifest.type, 'type').toBe('module');
        expect(lapyra.contract, 'lapyra.contract').toBe(CONTRACT);
        const kinds = Object.fromEntries(plugins.map(([key, { plugin }]) => [key, plugin.kind]));
        expect(listed, 'lapyra.plugins').toEqual(kinds);
        for (const kind of Object.values(kinds)) expect(keywords).toContain(`lapyra-${kind}`);
      },
    },
    {
      title: 'has core, and tfjs-core if it wants it, as peers alone',
      run: () => {
        expect(Object.keys(peerDependencies)).toContain('@lapyra/core');
        for (const peer of ['@lapyra/core', '@tensorflow/tfjs-core', 'lapyra'])
          expect(Object.keys(dependencies), 'dependencies').not.toContain(peer);
      },
    },
    ...plugins.map(([key, plugin]): PackageCheck => ({
      title: `exports ${key} as what it calls itself, with a summary`,
      run: () => {
        expect(plugin.plugin.use).toBe(`${name}#${key}`);
        expect(plugin.plugin.contract).toBe(CONTRACT);
        expect(plugin.plugin.summary).toMatch(/^\S.{10,}$/);
      },
    })),
    ...plugins.map(([key, plugin]): PackageCheck => ({
      title: `has options of ${key} that refuse unknown ones, and describes itself as plain data`,
      run: async () => {
        const unknown = { 'no such option': 1 };
        const { issues } = await plugin.plugin.options['~standard'].validate(unknown);
        expect(JSON.stringify(issues ?? []), 'what is said of an unknown option').toContain(
          'no such option',
        );
        const descriptor = plugin();
        expect(JSON.parse(JSON.stringify(descriptor))).toEqual(descriptor);
        expect(descriptor.use).toBe(plugin.plugin.use);
      },
    })),
  ];
}
