// Reads the documentation for its tests.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.mjs';

/** The text of a file, by its path in the repository. */
export function read(file) {
  return readFileSync(join(root, file), 'utf8');
}

/** Paths of the files in the repository that match, new ones included. */
export function repositoryFiles(...patterns) {
  const options = ['--cached', '--others', '--exclude-standard'];
  const { stdout } = spawnSync('git', ['ls-files', ...options, '--', ...patterns], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = new Set(stdout.split('\n').filter((file) => file !== ''));
  return [...files].filter((file) => existsSync(join(root, file)));
}

/** The fenced blocks of one language in a document: the line of the fence, and the text inside. */
export function codeBlocks(file, language) {
  const blocks = read(file).matchAll(/^```(\S*)\n(.*?)^```$/gms);
  return [...blocks]
    .filter(([, found]) => found === language)
    .map((block) => ({
      line: block.input.slice(0, block.index).split('\n').length,
      text: block[2],
    }));
}
