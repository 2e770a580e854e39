// Writes .oxlintrc.law.json from the table in law.mjs.
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { EVERYTHING, GUARDED, LAW } from './law.mjs';

const NAMES =
  'core|nn|tfjs-onnx|images|training|sampling|runtime|lapyra|testing|cli|(level|backend|dataset|transform)-[a-z0-9-]+';

const RELATIVE = {
  regex: `^(\\.\\./){2,}((packages|plugins|apps|tools)|${NAMES})/|^(\\.\\./)+[a-z0-9-]+/(src|dist)/`,
  message: 'import another package by its name, never by a relative path',
};

/** The lint configuration that the law amounts to. */
export function lawConfig() {
  const everywhere = {
    ...rule(
      GUARDED,
      ['@lapyra/*', '@lapyra/*/**', 'lapyra', '@tensorflow/*', 'onnxruntime-*'],
      'inversify belongs to packages/runtime, sharp to packages/images',
    ),
  };
  return {
    plugins: ['typescript', 'import', 'unicorn', 'promise', 'node', 'vitest'],
    rules: everywhere,
    overrides: [...LAW.map(ofSources), ...LAW.map(ofTests)],
  };
}

function ofSources({ folder, closed = false, may, types = [], says }) {
  const rules = rule(closed ? EVERYTHING : GUARDED, [...may, ...types], says);
  rules['no-restricted-imports'][1].paths = types.map((name) => ({
    name,
    allowTypeImports: true,
    message: `${says}: use import type`,
  }));
  return { files: [`${folder}/**`], rules };
}

function ofTests({ folder, tests, not = [] }) {
  const files = [
    `${folder}/**/*.test.ts`,
    `${folder}/**/*.test-*.ts`,
    `${folder}/test/**`,
    `${folder}/examples/**`,
  ];
  const says = `tests in ${folder} import none but ${tests.join(', ')} among the guarded names`;
  return { files, rules: rule(GUARDED, tests, says, not) };
}

function rule(forbidden, allowed, message, not = []) {
  const group = [...forbidden, ...allowed.map((name) => `!${name}`), ...not];
  return { 'no-restricted-imports': ['error', { patterns: [RELATIVE, { group, message }] }] };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const file = new URL('../../.oxlintrc.law.json', import.meta.url);
  writeFileSync(file, `${JSON.stringify(lawConfig(), null, 1)}\n`);
}
