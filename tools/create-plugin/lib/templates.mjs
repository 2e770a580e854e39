/** What can be made: the folder in templates/, the kind of plugin, and packages that it needs beside core. */
export const TEMPLATES = {
  level: {
    folder: 'level-refine',
    kind: 'level',
    summary: 'a refining level: two small convnets, one draws detail, the other judges it',
    needs: ['@lapyra/gan', '@lapyra/nn', 'valibot'],
    tfjs: true,
  },
  'first-level': {
    folder: 'level-first',
    kind: 'level',
    summary: 'a first level: fully connected networks, one draws images, the other judges them',
    needs: ['@lapyra/gan', '@lapyra/nn', 'valibot'],
    tfjs: true,
  },
  'host-level': {
    folder: 'level-host',
    kind: 'level',
    summary: 'a refining level with code of its own instead of tensor programs',
    needs: ['valibot'],
    tfjs: false,
  },
  dataset: {
    folder: 'dataset',
    kind: 'dataset',
    summary: 'training images from anywhere',
    needs: ['valibot'],
    tfjs: false,
  },
  encoder: {
    folder: 'encoder',
    kind: 'encoder',
    summary: 'vectors of texts, which a pyramid is conditioned on',
    needs: ['valibot'],
    tfjs: false,
  },
  features: {
    folder: 'features',
    kind: 'features',
    summary: 'a trained network whose layers describe images',
    needs: ['@lapyra/nn', 'valibot'],
    tfjs: true,
  },
};
