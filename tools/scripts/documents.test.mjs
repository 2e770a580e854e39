// Links, commands and flags in the documentation lead somewhere.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXIT, main } from '@lapyra/cli';
import { describe, expect, it, vi } from 'vitest';
import { codeBlocks, read, repositoryFiles } from './markdown.mjs';
import { root } from './run.mjs';

const documents = repositoryFiles('*.md');
const COMMANDS = [
  ...[
    'init',
    'plan',
    'preview',
    'train',
    'sample',
    'enlarge',
    'export',
    'features',
    'neighbours',
    'likelihood',
    'status',
    'noise',
    'gap',
    'finetune',
    'doctor',
  ],
  'plugins',
];

async function helpOf(...command) {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += chunk;
    return true;
  });
  expect(await main([...command, '--help'])).toBe(EXIT.ok);
  write.mockRestore();
  return text;
}

/** Long flags at the beginning of a line or behind a short one. */
const flagsIn = (help) =>
  new Set([...help.matchAll(/^\s+(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag));

describe.each(documents)('%s', (file) => {
  it('has links that lead somewhere', () => {
    const links = [...read(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
    const dead = links
      .filter((link) => !/^(?:https?|mailto):/.test(link))
      .filter((link) => !leads(file, link));
    expect(dead).toEqual([]);
  });

  it('shows commands with flags that they have', async () => {
    for (const { text } of codeBlocks(file, 'sh')) {
      const lines = text.replaceAll('\\\n', ' ').split('\n');
      for (const [, name, rest] of lines.flatMap((line) => [
        ...line.matchAll(/(?:npx |bin\/)lapyra(?:\.js)? (\w+)([^&#]*)/g),
      ])) {
        expect(COMMANDS).toContain(name);
        const known = flagsIn(await helpOf(name));
        const used = [...rest.matchAll(/(?:^|\s)(--[\w-]+)/g)].map(([, flag]) => flag);
        expect(used.filter((flag) => !known.has(flag))).toEqual([]);
      }
    }
  });
});

describe('the README of each plugin', () => {
  const readmes = documents.filter((file) => /^plugins\/[^/]+\/README\.md$/.test(file));

  it.each(readmes)('%s says what it needs, how it is used, its options, and shapes', (file) => {
    const headings = [...read(file).matchAll(/^## (\w+)/gm)].map(([, heading]) => heading);
    const shapes = file.startsWith('plugins/backend-') ? [] : ['Shapes'];
    expect(headings).toEqual(
      expect.arrayContaining(['Requirements', 'Usage', 'Options', ...shapes]),
    );
  });

  it('is there', () => {
    const plugins = repositoryFiles('plugins/*/package.json').map((file) => dirname(file));
    expect(readmes.map((file) => dirname(file))).toEqual(plugins);
  });
});

describe('what there is', () => {
  const linked = (file) => [...read(file).matchAll(/\]\(([^)#\s]+)\)/g)].map(([, link]) => link);

  it('in packages is in the table of README.md, and so is what makes new ones', () => {
    const packages = repositoryFiles(
      'packages/*/package.json',
      'plugins/*/package.json',
      'apps/*/package.json',
      'tools/create-plugin/package.json',
    ).map((file) => dirname(file));
    const links = linked('README.md');
    expect(packages.filter((folder) => !links.includes(folder))).toEqual([]);
  });

  it('in docs/ is in its index', () => {
    const pages = repositoryFiles('docs/*.md')
      .filter((file) => /^docs\/(?!README)[^/]+\.md$/.test(file))
      .map((file) => file.slice('docs/'.length));
    const links = linked('docs/README.md');
    expect(pages.filter((page) => !links.includes(page))).toEqual([]);
  });
});

describe('docs/cli.md', () => {
  const sections = new Map(
    read('docs/cli.md')
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.split('\n', 1)[0], section]),
  );
  const documented = (name) =>
    new Set([...sections.get(name).matchAll(/^\| `(--[\w-]+)/gm)].map(([, flag]) => flag));

  it('has a section for each command, in the order of the help', async () => {
    const help = await helpOf();
    expect([...help.matchAll(/^ {2}(\w+) (?:\[|<)/gm)].map(([, name]) => name)).toEqual([
      ...COMMANDS,
      'help',
    ]);
    expect([...sections.keys()]).toEqual(COMMANDS);
  });

  it.each(COMMANDS)('lists the flags of %s, and no others', async (name) => {
    const wanted = flagsIn(await helpOf(name));
    wanted.delete('--help');
    const listed = documented(name);
    if (['preview', 'train'].includes(name))
      for (const flag of documented('plan')) listed.add(flag);
    expect([...listed].toSorted(alphabetically)).toEqual([...wanted].toSorted(alphabetically));
  });
});

function alphabetically(a, b) {
  return a.localeCompare(b);
}

function leads(file, link) {
  const [path, anchor] = link.split('#');
  const target = path === '' ? file : join(dirname(file), path);
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || headings(target).includes(anchor);
}

/** Headings as GitHub turns them into anchors. */
function headings(file) {
  return [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  );
}
