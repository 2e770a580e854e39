import {
  countParameters,
  type Engine,
  entropyBits,
  type Level,
  noiseVariables,
  type ProgramCost,
  type Size,
} from '@lapyra/core';
import type { ResolvedConfig } from './config/resolved-config.js';
import { listBackends, selectBackend } from './composition/backends.js';
import { createPyramid, type DataShape, type Pyramid } from './composition/pyramid.js';
import { openConfig, type OpenConfigOptions } from './open-config.js';
import type { GeneratedCoarse, LevelOrigin, ResolvedLevel } from './config/resolved-config.js';
import { prepareData, type WorkHooks } from './prepare-data.js';
import { stepCost } from './step-cost.js';
import { knownWhitening } from './stored/swapped-level.js';

/** What training will be, before it begins. */
export interface Plan {
  readonly name: string;
  readonly file: string;
  readonly data: {
    readonly name: string;
    readonly images: number;
    readonly crop: Size;
    readonly channels: number;
  };
  readonly transform: string;
  readonly condition: string;
  /** Which backend was chosen, and why. */
  readonly backend: string;
  /** From coarse to fine. */
  readonly levels: readonly PlannedLevel[];
  /** Noise of the whole pyramid, bits per image. */
  readonly entropyBits: number;
}

export interface PlannedLevel {
  readonly name: string;
  readonly size: Size;
  readonly coarse: Size | null;
  readonly model: string;
  readonly parameters: number;
  /** Noise that the level draws, bits per image, whatever it makes of it. */
  readonly entropyBits: number;
  /** Random numbers that it draws per image, and the pixels that they are to fill with detail. */
  readonly noiseVariables: number;
  readonly pixels: number;
  readonly steps: number;
  /** One step on one thread, estimated; `null` where nothing is trained by steps or the backend cannot tell. */
  readonly cost: ProgramCost | null;
  /** Of the level's process while it trains, estimated: bytes. */
  readonly memory: number | null;
  /** Where it comes from, if it is not trained here. */
  readonly origin: LevelOrigin | null;
  /** What is allowed but worth knowing. */
  readonly notes: readonly string[];
}

/**
 * Read a config, create its levels, and say what a step of each costs.
 *
 * @throws {LapyraError} whatever is wrong with config, plugins, data or backend
 */
export async function planPyramid(options: OpenConfigOptions, hooks: WorkHooks): Promise<Plan> {
  const { file, project, config } = await openConfig(options);
  const data = await prepareData(project, config, hooks);
  const { whitening } = await knownWhitening(project.folder, config);
  const pyramid = await createPyramid(project, config, data.shape, whitening ? { whitening } : {});
  const { backend, notice } = await selectBackend(
    await listBackends(project),
    config.backend,
    'train',
  );
  const engine = await backend.open({ threads: 1 });
  try {
    return {
      ...(await describePlan(pyramid, data.shape, engine)),
      file,
      data: {
        name: data.name,
        images: data.images.train,
        crop: data.shape.size,
        channels: data.shape.channels,
      },
      backend: notice,
    };
  } finally {
    await engine.dispose();
  }
}

/**
 * Bytes that a training process takes for each byte of tensors that a step holds at once: the state lives in the engine,
 * on its way out and in a checkpoint, and an allocator keeps what it once had. Measured between 2.4 and 4.3.
 */
const TENSORS = 3;

/** `none`, `10 classes`, `embedding of 1024`, `texts, embedding of 256 by encoder-text#charNgrams`. */
function describeCondition(
  { condition: chosen }: ResolvedConfig,
  { condition }: DataShape,
): string {
  if (condition.kind === 'none') return 'none';
  if (condition.kind === 'classes') return `${condition.names.length} classes`;
  const embedding = `embedding of ${condition.width}`;
  if (typeof chosen === 'string') return embedding;
  return `texts, ${embedding} by ${chosen.text.use.replace(/^@lapyra\//, '')}`;
}

async function describePlan(
  pyramid: Pyramid,
  shape: DataShape,
  engine: Engine,
): Promise<Omit<Plan, 'file' | 'data' | 'backend'>> {
  const { config, transform, levels } = pyramid;
  const costs: (ProgramCost | null)[] = [];
  for (const index of levels.keys())
    costs.push(config.levels[index]?.origin ? null : await stepCost(pyramid, index, shape, engine));
  // This process holds by now what a level's holds before its first step: Node, the plugins, the engine, traced programs.
  const base = process.memoryUsage.rss();
  const planned: PlannedLevel[] = [];
  for (const [index, level] of levels.entries()) {
    const { name, size, model, steps, origin = null, generatedCoarse } = config.levels[index]!;
    const cost = costs[index] ?? null;
    planned.push({
      name,
      size,
      coarse: level.place.coarse,
      model: model.use,
      parameters: level.training?.kind === 'steps' ? countParameters(level.training.state) : 0,
      entropyBits: entropyBits(level.noise),
      noiseVariables: noiseVariables(level.noise),
      pixels: size[0] * size[1],
      steps,
      cost,
      memory: cost && base + TENSORS * cost.bytes,
      origin,
      notes: [
        ...originNotes(origin),
        ...mixingNotes(generatedCoarse, config.levels.slice(0, index)),
        ...levelNotes(level),
      ],
    });
  }
  return {
    name: config.name,
    transform: transform.plain.id,
    condition: describeCondition(config, shape),
    levels: planned,
    entropyBits: planned.reduce((sum, level) => sum + level.entropyBits, 0),
  };
}

function originNotes(origin: LevelOrigin | null): string[] {
  if (!origin) return [];
  const { from, run, step, score } = origin;
  const scored = score ? `, score ${Number(score.value.toPrecision(3))}` : '';
  return [`comes from run ${run} (${from}, step ${step}${scored}) and is not trained again`];
}

function mixingNotes(
  mixing: GeneratedCoarse | undefined,
  below: readonly ResolvedLevel[],
): string[] {
  if (!mixing) return [];
  const { share, images, from } = mixing;
  const names = below.map(({ name }) => name).join(', ');
  const source = from === undefined ? `level ${names}, which it waits for` : `run ${from}`;
  return [
    `learns on ${Number((100 * share).toPrecision(3))} % generated coarse images, out of ${images} drawn by ${source}`,
  ];
}

function levelNotes({ place: { condition }, sampler }: Level): string[] {
  if ('kind' in sampler)
    return ['runs on the host: it is left out of exports, and cannot be fused'];
  const ignores = condition.kind !== 'none' && !('condition' in sampler.inputs);
  return ignores ? [`ignores the ${condition.kind === 'classes' ? 'class' : condition.kind}`] : [];
}
