/** Options of each template: name, default, meaning. A test compares them with the schemas. */
export const OPTIONS = {
  'level-refine': [
    ['width', '32', 'planes of the hidden layers'],
    ['batch', '16', 'real images in a step, and as many drawn ones'],
    [
      'rate',
      '0.001',
      'learning rate of Adam, above 0; it falls in the second half of the training',
    ],
    ['pixelLoss', '30', 'weight of the mean squared error between drawn and true band'],
  ],
  'level-first': [
    ['noise', '100', 'length of the noise vector, uniform on [−1, 1)'],
    ['width', '512', 'units of each of the two hidden layers of either network'],
    ['batch', '32', 'real images in a step, and as many drawn ones'],
    [
      'rate',
      '0.001',
      'learning rate of Adam, above 0; it falls in the second half of the training',
    ],
  ],
  'level-host': [
    ['radius', '2', 'pixels on each side of a pixel that its detail is made from'],
    ['images', '1000', 'training images that the filter is fitted to, at most'],
  ],
  dataset: [
    ['side', '32', 'height and width of the images, in pixels'],
    ['train', '10000', 'training images'],
    ['test', '1000', 'test images'],
  ],
  encoder: [
    ['width', '64', "length of a text's vector"],
    ['longest', '500', 'characters of the longest text that is taken'],
  ],
  features: [
    ['width', '16', 'planes of the first layer; the second has twice as many'],
    ['channels', '3', 'channels of the images'],
  ],
};

const ABOUT = {
  'level-refine':
    'A refining level for [Lapyra](https://www.npmjs.com/package/lapyra): one small convnet draws the detail that the enlarged image below lacks, another judges the result.',
  'level-first':
    'A first level for [Lapyra](https://www.npmjs.com/package/lapyra): one fully connected network draws images from noise, another judges them.',
  'level-host':
    'A refining level for [Lapyra](https://www.npmjs.com/package/lapyra) that runs on the host: the linear filter that best predicts detail from the image below.',
  dataset:
    'A dataset for [Lapyra](https://www.npmjs.com/package/lapyra): coloured discs and squares, in the place of your images.',
  encoder:
    'A text encoder for [Lapyra](https://www.npmjs.com/package/lapyra): each word has a random direction of its own, a text is the sum of its words.',
  features:
    'A feature net for [Lapyra](https://www.npmjs.com/package/lapyra): two convolutions with random weights, in the place of a trained network.',
};

const SHAPES = {
  'level-refine':
    'Noise `z` [B, H, W, 1], one more colour plane; `low` [B, H, W, C], the image below, enlarged; draws `band` [B, H, W, C]. Any size, any number of channels.',
  'level-first':
    'Noise `z` [B, noise]; draws `image` [B, H, W, C]. Any size, any number of channels.',
  'level-host':
    'No noise; `low` [B, H, W, C], the image below, enlarged; draws `band` [B, H, W, C]. Its state is `weights` [(2 · radius + 1)² + 1].',
  dataset: 'uint8 [n, side, side, 3], two classes.',
  encoder: 'float32 [texts, width], each vector of length 1.',
  features:
    '`edges` [B, H, W, width], `parts` [B, ⌈H/2⌉, ⌈W/2⌉, 2 · width], `whole` [B, 2 · width], of pixels [B, H, W, channels] in 0…255, at least 4×4.',
};

/** The README of a new plugin. */
export function readme(template, names) {
  const { packageName, exportName } = names;
  const rows = OPTIONS[template.folder].map(
    ([name, value, meaning]) => `| \`${name}\` | \`${value}\` | ${meaning} |`,
  );
  return `# ${packageName}

${ABOUT[template.folder]}

## Requirements

Node ≥ 20.19${template.kind === 'level' ? ', and a backend such as `@lapyra/backend-onnxruntime`' : ''}.

## Usage

\`\`\`
npm install ${packageName}
\`\`\`

\`\`\`ts
import { ${exportName} } from '${packageName}';
\`\`\`

${usage(template, exportName)}

## Options

| option | default | meaning |
| ------ | ------- | ------- |
${rows.join('\n')}

## Shapes

${SHAPES[template.folder]}
`;
}

function usage({ folder, kind }, name) {
  if (folder === 'level-first')
    return `In \`levels\` of a \`lapyra.config.ts\`, as the first one: \`{ size: 8, steps: 5000, model: ${name}() }\`.`;
  if (kind === 'level')
    return `In \`levels\` of a \`lapyra.config.ts\`, above another one: \`{ size: 14, steps: 900, model: ${name}() }\`.`;
  if (kind === 'dataset') return `In a \`lapyra.config.ts\`: \`data: { from: ${name}() }\`.`;
  if (kind === 'encoder') return `In a \`lapyra.config.ts\`: \`condition: { text: ${name}() }\`.`;
  return `Where a plugin's options take features: \`features: ${name}()\`.`;
}
