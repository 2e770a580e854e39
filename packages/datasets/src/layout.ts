import { LapyraError } from '@lapyra/core';

export interface Layout {
  /** Sorted names of the class folders that hold pictures; `null` for a flat folder. */
  readonly classes: readonly string[] | null;
}

const MOST_CLASSES = 65_536; // labels are at most 16 bits

/**
 * Whether pictures lie flat or in one folder a class.
 *
 * @param title the plugin's name, for messages
 * @param folder for messages
 * @param paths of all pictures, relative, sorted
 * @throws {LapyraError} `LAPYRA_DATASET_LAYOUT` for a mix of both, and for pictures deeper down
 */
export function layoutOf(title: string, folder: string, paths: readonly string[]): Layout {
  const depth = (path: string): number => path.split('/').length - 1;
  const flat = paths.filter((path) => depth(path) === 0);
  const inClasses = paths.filter((path) => depth(path) === 1);
  const deeper = paths.filter((path) => depth(path) > 1);
  if (deeper.length > 0) {
    throw refusal(
      title,
      folder,
      `${deeper.length} deeper down, for example ${deeper[0]}`,
      'Move them up, or give the folder that holds the class folders.',
    );
  }
  if (flat.length > 0 && inClasses.length > 0) {
    throw refusal(
      title,
      folder,
      `both: ${flat.length} in it (${flat[0]}) and ${inClasses.length} in folders (${inClasses[0]})`,
      'Move the pictures that belong to no class away, or give them a folder of their own.',
    );
  }
  if (flat.length > 0) return { classes: null };
  const classes = [...new Set(inClasses.map(classOf))].sort();
  if (classes.length > MOST_CLASSES)
    throw refusal(title, folder, `${classes.length} folders`, `At most ${MOST_CLASSES} classes.`);
  return { classes };
}

/** The class folder of a path. */
export function classOf(path: string): string {
  return path.slice(0, path.indexOf('/'));
}

function refusal(title: string, folder: string, got: string, hint: string): LapyraError {
  return new LapyraError(
    'LAPYRA_DATASET_LAYOUT',
    `${title}: ${folder}: expected pictures either in the folder itself or in one folder a class, got ${got}.`,
    { hint },
  );
}
