import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { createPlugin } from './create-plugin.mjs';
import { Refusal } from './refusal.mjs';
import { TEMPLATES } from './templates.mjs';

const HELP = `npm create lapyra-plugin KIND NAME

Makes a folder with a new plugin that passes its conformance suite: lapyra-KIND-NAME, or of a name
@scope/NAME the package @scope/KIND-NAME. In the repository of Lapyra it is @lapyra/KIND-NAME, in plugins/.

kinds:
${Object.entries(TEMPLATES)
  .map(([kind, { summary }]) => `  ${kind.padEnd(12)} ${summary}`)
  .join('\n')}

flags:
  --folder DIR   make it there, as a package of its own, also in the repository of Lapyra
  --help         show this
`;

/** @returns the exit code: 0, 1 if it cannot be made, 2 for a command line that is not understood */
export async function main(
  args,
  { cwd = process.cwd(), out = console.log, err = console.error } = {},
) {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: { folder: { type: 'string' }, help: { type: 'boolean' } },
    });
  } catch (error) {
    err(`${error.message}\n\n${HELP}`);
    return 2;
  }
  const { values, positionals } = parsed;
  if (values.help) {
    out(HELP);
    return 0;
  }
  if (positionals.length !== 2) {
    err(`expected a kind and a name, got ${positionals.join(' ') || 'nothing'}.\n\n${HELP}`);
    return 2;
  }
  const [kind, name] = positionals;
  try {
    const { folder, files, packageName, next } = await createPlugin({
      kind,
      name,
      cwd,
      folder: values.folder,
    });
    out(`${packageName}: wrote ${files.length} files to ${relative(cwd, folder) || '.'}\n\nnext:`);
    for (const line of next) out(`  ${line}`);
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    err(error.message);
    return 1;
  }
}
