// A list of pictures: JSON Lines, one object a picture.
import { readFile } from 'node:fs/promises';
import { normalize, sep } from 'node:path';
import { LapyraError, nearestName } from '@lapyra/core';
import * as v from 'valibot';
import { type CaptionedPicture, captionsError } from './captioned-picture.js';

const text = v.pipe(
  v.string(),
  v.trim(),
  v.nonEmpty('expected a text of one character or more, got an empty one'),
);
const row = v.pipe(v.number(), v.integer(), v.minValue(0));
const line = v.strictObject({
  file: v.pipe(v.string(), v.nonEmpty('expected the path of a picture, got an empty one')),
  text: v.optional(text),
  texts: v.optional(v.pipe(v.array(text), v.minLength(1, 'expected one text or more, got none'))),
  label: v.optional(v.pipe(v.string(), v.nonEmpty('expected the name of a class'))),
  split: v.optional(v.picklist(['train', 'test'])),
  rows: v.optional(v.pipe(v.array(row), v.minLength(1, 'expected one row or more, got none'))),
});

/**
 * The pictures of a list, in its order.
 *
 * @throws {LapyraError} `LAPYRA_DATASET_CAPTIONS` naming the line for what is no list, and for lines that do not go
 * together: some with texts, classes or rows and some without, a picture twice, a path that leads out of the folder
 */
export async function readList(file: string, name: string): Promise<CaptionedPicture[]> {
  const content = await readFile(file, 'utf8').catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    throw new LapyraError(
      'LAPYRA_DATASET_CAPTIONS',
      `captions: ${file}: expected a list of pictures, got ${code === 'ENOENT' ? 'nothing' : (code ?? String(cause))}.`,
      { cause, hint: 'The path of the list begins in the folder of the pictures.' },
    );
  });
  const pictures: CaptionedPicture[] = [];
  const lines = content.replace(/^\uFEFF/, '').split(/\r?\n/);
  const seen = new Map<string, number>();
  for (const [index, json] of lines.entries()) {
    if (json.trim() === '') continue;
    const subject = `${name} line ${index + 1}`;
    const picture = parseLine(json, subject);
    const before = seen.get(picture.path);
    if (before !== undefined)
      throw captionsError(
        subject,
        'each picture once',
        `${picture.path} again, as in line ${before}`,
      );
    seen.set(picture.path, index + 1);
    const [first] = pictures;
    if (first) checkAlike(first, picture, subject);
    pictures.push(picture);
  }
  if (pictures.length > 0) return pictures;
  throw captionsError(name, 'one picture or more', 'none');
}

function parseLine(json: string, subject: string): CaptionedPicture {
  const result = v.safeParse(line, parseJson(json, subject));
  if (!result.success)
    throw new LapyraError(
      'LAPYRA_DATASET_CAPTIONS',
      `captions: ${subject}: ${sentence(result.issues[0])}`,
    );
  const { file, text: single, texts, label, split, rows } = result.output;
  if (single !== undefined && texts !== undefined)
    throw captionsError(subject, "either 'text' or 'texts'", 'both');
  const path = normalize(file).split(sep).join('/');
  if (path.startsWith('../') || path.startsWith('/') || /^[A-Za-z]:/.test(path))
    throw captionsError(subject, "a path inside of the pictures' folder", `'${file}'`);
  return {
    path,
    texts: texts ?? (single === undefined ? null : [single]),
    label: label ?? null,
    split: split ?? null,
    rows: rows ?? null,
  };
}

function parseJson(json: string, subject: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw captionsError(subject, 'a JSON object', json.slice(0, 60));
  }
}

/** The first mistake, in the words of all messages here. */
function sentence({ path, type, expected, message }: v.InferIssue<typeof line>): string {
  const key = path?.map((part) => String(part.key)).join('.') ?? '';
  if (type === 'strict_object' && expected === 'never') {
    const near = nearestName(key, Object.keys(line.entries));
    return `unknown key '${key}'${near === undefined ? '.' : `; did you mean '${near}'?`}`;
  }
  const said = message
    .replace(/^Invalid [\w ]+: Expected/, 'expected')
    .replace(' but received ', ', got ');
  return key === '' ? `${said}.` : `${key}: ${said}.`;
}

function checkAlike(first: CaptionedPicture, picture: CaptionedPicture, subject: string): void {
  for (const [what, name] of [
    ['texts', 'texts'],
    ['label', 'a label'],
    ['rows', 'rows'],
  ] as const)
    if ((first[what] === null) !== (picture[what] === null))
      throw captionsError(
        subject,
        `${name} in all lines or in none`,
        first[what] === null
          ? `${name} here and not in the first`
          : `none here and some in the first`,
      );
}
