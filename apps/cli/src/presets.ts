/** What `lapyra init` can begin with: the configs in `templates/`. */
export const PRESETS = [
  'cifar10-quick',
  'cifar10-class-quick',
  'cifar10-mixed',
  'cifar10',
  'stl10',
  'lsun',
  'plain-gan',
  'image-folder',
] as const;
