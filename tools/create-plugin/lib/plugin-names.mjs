import { Refusal } from './refusal.mjs';

const NAME = /^(?:@([a-z\d][a-z\d._-]*)\/)?([a-z\d]+(?:-[a-z\d]+)*)$/;
const LONGEST = 214; // npm's limit for a package's name

/** Words that cannot name an export. */
const RESERVED = new Set(
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while with yield'.split(
    ' ',
  ),
);

/**
 * What a plugin of this kind and name is called: the package, its folder, the file, the export and the types.
 *
 * @param scope of the packages of the repository that it is made in, if it is
 * @throws {Refusal} for a name that npm would not take
 */
export function pluginNames(kind, name, scope) {
  const [, ownScope, full] = NAME.exec(name) ?? [];
  if (full === undefined)
    throw new Refusal(
      `name: expected lower-case letters, digits and hyphens, perhaps behind a scope (my-thing, @me/my-thing), got '${name}'.`,
    );
  if (scope && ownScope)
    throw new Refusal(`name: expected one without a scope in this repository, got '${name}'.`);
  const short = full.replace(new RegExp(`^(?:lapyra-)?${kind}-(?=.)`), '');
  const owner = scope ?? ownScope;
  const packageName = owner ? `@${owner}/${kind}-${short}` : `lapyra-${kind}-${short}`;
  if (packageName.length > LONGEST)
    throw new Refusal(
      `name: expected a package name of at most ${LONGEST} characters, got ${packageName.length}.`,
    );
  const camel = short.replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase());
  const exportName = /^\d/.test(camel) || RESERVED.has(camel) ? `${kind}${capital(camel)}` : camel;
  return {
    packageName,
    folder: owner ? `${kind}-${short}` : packageName,
    file: short,
    exportName,
    typeName: capital(exportName),
  };
}

function capital(word) {
  return word[0].toUpperCase() + word.slice(1);
}
