// docs/errors.md has an entry for each error code that the sources throw, and for no other.
import { describe, expect, it } from 'vitest';
import { read, repositoryFiles } from './markdown.mjs';

const CODE = /(?:LAPYRA|TFJS)_[A-Z]+_[A-Z_]+/;
const documented = [
  ...read('docs/errors.md').matchAll(new RegExp(`^\\| \`(${CODE.source})\``, 'gm')),
].map(([, code]) => code);
const thrown = new Set(sources().flatMap((file) => codesIn(read(file))));

describe('docs/errors.md', () => {
  it('has an entry for each code that is thrown', () => {
    expect(thrown.size).toBeGreaterThan(100);
    expect([...thrown].filter((code) => !documented.includes(code))).toEqual([]);
  });

  it('has no entry for a code that is never thrown', () => {
    expect(documented.filter((code) => !thrown.has(code))).toEqual([]);
  });

  it('has each code once', () => {
    expect(documented.filter((code, index) => documented.indexOf(code) !== index)).toEqual([]);
  });
});

it('packages/tfjs-onnx/README.md, which is published alone, has the rows of its codes as docs/errors.md has them', () => {
  const rows = (file) =>
    [...read(file).matchAll(/^\| `TFJS_[A-Z_]+`.*$/gm)].map(([row]) => cells(row));
  const listed = rows('packages/tfjs-onnx/README.md');
  expect(listed).toEqual(rows('docs/errors.md'));
  expect(new Set(listed.map(([code]) => code.slice(1, -1)))).toEqual(
    new Set([...thrown].filter((code) => code.startsWith('TFJS_'))),
  );
});

describe('codesIn', () => {
  it('finds literals, and neither comments, names of variables nor unions of types', () => {
    const source = [
      "throw new LapyraError('LAPYRA_SOME_CODE', `…`);",
      '/** @throws {LapyraError} `LAPYRA_OTHER_CODE` */',
      "// 'LAPYRA_THIRD_CODE'",
      "type Code = 'LAPYRA_A_B' | 'LAPYRA_C_D';",
      "  | 'LAPYRA_E_F'",
      "env['LAPYRA_CACHE']; return refuse('TFJS_CORE_TWICE');",
    ];
    expect(codesIn(source.join('\n'))).toEqual(['LAPYRA_SOME_CODE', 'TFJS_CORE_TWICE']);
  });
});

/** Codes that stand in a source as literals, where they can be thrown. */
function codesIn(source) {
  return source
    .split('\n')
    .filter((line) => !/^\s*(?:\/\/|\/?\*)/.test(line) && !/(?:^|')\s*\|\s*'/.test(line))
    .flatMap((line) => [...line.matchAll(new RegExp(`['"\`](${CODE.source})['"\`]`, 'g'))])
    .map(([, code]) => code);
}

/** The sources of all packages but tests, and the conformance suites, which are tests too. */
function sources() {
  return repositoryFiles('packages/*/src/*.ts', 'plugins/*/src/*.ts', 'apps/*/src/*.ts').filter(
    (file) => !/\.test[.-]|^packages\/testing\/src\/(?:engine|level)/.test(file),
  );
}

/** The cells of a row of a table, however it is padded. */
function cells(row) {
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}
