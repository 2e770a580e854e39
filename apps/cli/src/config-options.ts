import type { OpenConfigOptions } from '@lapyra/runtime';

/** The flags of every command that reads a config. */
export interface ConfigFlags {
  readonly config?: string;
  readonly name?: string;
  readonly set: readonly string[];
  readonly steps?: number;
  readonly backend?: string;
  readonly seed?: number;
}

/** The same as the runtime wants them. */
export function configOptions({
  config,
  name,
  set,
  steps,
  backend,
  seed,
}: ConfigFlags): OpenConfigOptions {
  return {
    folder: process.cwd(),
    settings: set,
    ...(config === undefined ? {} : { file: config }),
    ...(name === undefined ? {} : { name }),
    ...(steps === undefined ? {} : { steps }),
    ...(backend === undefined ? {} : { backend }),
    ...(seed === undefined ? {} : { seed }),
  };
}
