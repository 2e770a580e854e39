import { composeStep } from '@lapyra/training';
import { boxBilinear } from '@lapyra/transform-laplacian';
import { NETS } from './nets.mjs';

export const WHITENING = {
  kind: 'channel',
  shape: [1, 1, 1, 3],
  mean: Float32Array.of(125, 123, 114),
  scale: Float32Array.of(63, 62, 67),
};

/** A level of the benchmark with its first step program, and what the peer has to know of it. */
export async function openNet(name) {
  const { use, options, sizes: sides, index } = NETS[name];
  const sizes = sides.map((side) => [side, side]);
  const transform = await boxBilinear.plugin.create({}, undefined);
  const [mean, scale] = [WHITENING.mean, WHITENING.scale].map((values) => [...values]);
  const place = {
    size: sizes[index],
    coarse: sizes[index - 1] ?? null,
    channels: 3,
    condition: { kind: 'none' },
    transform: transform.plain.id,
    pixels: { mean, scale, exact: true },
  };
  const { plugin } = await load(use);
  const { value, issues } = await plugin.options['~standard'].validate(options);
  if (issues) throw new Error(`${name}: ${issues.map(({ message }) => message).join('; ')}`);
  const level = await plugin.create(value, place, await parts(plugin, value));
  const program = level.training.programs[0];
  return {
    level,
    sizes,
    program,
    composed: composeStep(program, level.training, {
      level,
      transform: transform.tensor,
      sizes,
      index,
    }),
    peer: {
      model: use.split('#')[1],
      options: value,
      crop: sides.at(-1),
      place: {
        size: sides[index],
        coarse: sides[index - 1] ?? null,
        mean,
        scale,
        noise: Object.values(level.noise)[0]?.shape.at(-1) ?? null,
      },
    },
  };
}

async function load(use) {
  const [packageName, exported] = use.split('#');
  return (await import(packageName))[exported];
}

/** The plugins that an option names, made. */
async function parts(plugin, options) {
  const made = await Promise.all(
    Object.keys(plugin.parts ?? {}).map(async (name) => {
      const { plugin: part } = await load(options[name].use);
      return [name, await part.create(options[name].options, undefined)];
    }),
  );
  return Object.fromEntries(made);
}
