import { describe, expect, it } from 'vitest';
import { checkLevel } from './check-level.js';
import { LapyraError } from './error.js';
import type { Level } from './level.js';
import type { StepProgram, StepTraining } from './step-training.js';
import { plane } from './noise.js';
import type { TensorProgram } from './tensor-program.js';

const sampler: TensorProgram = {
  name: 'sampler',
  reads: ['w'],
  writes: [],
  inputs: {
    low: { dtype: 'float32', shape: [null, 14, 14, 3] },
    'noise.plane': { dtype: 'float32', shape: [null, 14, 14, 1] },
  },
  outputs: { band: 'float32' },
  run: (state) => ({ state: {}, outputs: state }),
};
const program: StepProgram = {
  name: 'step',
  draws: { real: { count: 4, of: ['band', 'low'] }, fakes: { count: 4, of: ['low'] } },
  noise: { fakes: 4 },
  random: {},
  scalars: ['rate'],
  reads: ['w', 'm'],
  writes: ['w', 'm'],
  outputs: ['loss', 'finite'],
  run: (state) => ({ state, outputs: {} }),
};
const training: StepTraining = {
  kind: 'steps',
  state: {
    w: { shape: [1], role: 'weight', initial: { fill: 0 } },
    m: { shape: [1], role: 'optimiser', initial: { fill: 0 } },
  },
  programs: [program],
  scalars: { rate: { at: () => 1 } },
  samplerState: { w: 'w' },
};
const level: Level = {
  place: {
    size: [14, 14],
    coarse: [8, 8],
    channels: 3,
    condition: { kind: 'none' },
    transform: 'box-bilinear',
    pixels: { mean: [127.5, 127.5, 127.5], scale: [64, 64, 64], exact: false },
  },
  noise: { plane: plane([14, 14]) },
  output: 'band',
  sampler,
  training,
};

function problemOf(change: Partial<Level>): string {
  try {
    checkLevel({ ...level, ...change });
  } catch (error) {
    if (LapyraError.is(error, 'LAPYRA_LEVEL_INVALID')) return error.message;
    throw error;
  }
  return 'valid';
}
const withSampler = (change: Partial<TensorProgram>): string =>
  problemOf({ sampler: { ...sampler, ...change } });
const withProgram = (change: Partial<StepProgram>): string =>
  problemOf({ training: { ...training, programs: [{ ...program, ...change }] } });

describe('checkLevel', () => {
  it('passes a level that keeps its word', () => {
    expect(problemOf({})).toBe('valid');
    expect(problemOf({ training: null })).toBe('valid');
  });

  it('refuses inputs that do not exist or have another shape', () => {
    expect(withSampler({ inputs: { coarser: { dtype: 'float32', shape: [null] } } })).toBe(
      "level 14: expected sampler inputs among coarse, low, noise.plane, got 'coarser'.",
    );
    expect(withSampler({ inputs: { coarse: { dtype: 'float32', shape: [null, 7, 7, 3] } } })).toBe(
      "level 14: expected sampler input 'coarse' to be float32 [B, 8, 8, 3], got float32 [B, 7, 7, 3].",
    );
    expect(
      withSampler({ inputs: { condition: { dtype: 'float32', shape: [null, 10] } } }),
    ).toContain("got 'condition'");
  });

  it('refuses other outputs than announced', () => {
    expect(withSampler({ outputs: { image: 'float32' } })).toBe(
      "level 14: expected 'band' as the sampler's only output, got image.",
    );
    expect(withSampler({ writes: ['w'] })).toContain(
      'expected a sampler that writes no state, got w',
    );
  });

  it('refuses a first level that gives bands or draws them', () => {
    const message = problemOf({ place: { ...level.place, coarse: null } });
    expect(message).toContain('expected a first level to give an image, got a band');
    expect(message).toContain(
      "expected draw 'real' of program 'step' to be of images, got band, low",
    );
  });

  it('refuses names that do not exist', () => {
    expect(withProgram({ reads: ['v'] })).toBe(
      "level 14: expected reads of program 'step' among w, m, got v.",
    );
    expect(withProgram({ writes: ['v'] })).toContain("writes of program 'step' among w, m, got v");
    expect(withProgram({ scalars: ['momentum'] })).toContain('among rate, got momentum');
    expect(withProgram({ outputs: ['loss'] })).toContain("expected 'finite' among the outputs");
    expect(problemOf({ training: { ...training, samplerState: { w: 'average' } } })).toContain(
      'expected samplerState to name state among w, m, got average',
    );
    expect(problemOf({ training: { ...training, samplerState: {} } })).toContain(
      'expected the sampler to read samplerState among none, got w',
    );
  });

  it('refuses draws that cannot be made', () => {
    const wrong = { count: 2, of: ['condition'], unlike: 'real' } as const;
    const message = withProgram({ draws: { ...program.draws, wrong } });
    expect(message).toContain("expected draw 'wrong' of program 'step' without a condition");
    expect(message).toContain(
      "expected draw 'wrong' of program 'step' to be 4 as 'real' is, got 2",
    );
    expect(withProgram({ draws: { wrong: { ...wrong, unlike: 'x' } } })).toContain('got x');
  });

  it('refuses draws of generated images that would be taken for true ones', () => {
    const fakes = { count: 4, of: ['low', 'band'], mayBeGenerated: true } as const;
    expect(withProgram({ draws: { ...program.draws, fakes } })).toBe(
      "level 14: expected draw 'fakes' of program 'step', which may be generated, to tell true ones by 'paired', got band without it.",
    );
    const paired = { ...fakes, of: ['low', 'band', 'paired'] } as const;
    expect(withProgram({ draws: { ...program.draws, fakes: paired } })).toBe('valid');
    const images = { ...fakes, of: ['image', 'paired'] } as const;
    expect(withProgram({ draws: { ...program.draws, fakes: images } })).toBe(
      "level 14: expected draw 'fakes' of program 'step', which may be generated, to be of coarse images, got none.",
    );
    const wrong = { count: 4, of: ['low'], unlike: 'fakes' } as const;
    expect(withProgram({ draws: { fakes: paired, wrong } })).toContain(
      "expected draw 'wrong' of program 'step' and 'fakes' to be of true images, got generated ones",
    );
  });

  it('refuses a likelihood of something else', () => {
    const likelihood = {
      ...sampler,
      inputs: {
        image: { dtype: 'float32', shape: [null, 14, 14, 3] },
        low: { dtype: 'float32', shape: [null, 14, 14, 3] },
      },
      outputs: { logLikelihood: 'float32' },
    } as const;
    const withLikelihood = (change: Partial<TensorProgram>): string =>
      problemOf({ likelihood: { ...likelihood, ...change } });
    expect(withLikelihood({})).toBe('valid');
    expect(withLikelihood({ inputs: sampler.inputs })).toBe(
      "level 14: expected likelihood inputs among coarse, low, image, got 'noise.plane'.",
    );
    expect(withLikelihood({ reads: ['m'] })).toBe(
      "level 14: expected a likelihood that reads the sampler's state, got m.",
    );
    expect(withLikelihood({ outputs: { bits: 'float32' } })).toContain(
      "expected 'logLikelihood' as the likelihood's only output, got bits",
    );
    expect(withLikelihood({ writes: ['w'] })).toContain(
      'expected a likelihood that writes no state, got w',
    );
  });

  it('refuses a critic that judges something else', () => {
    const judge = {
      ...sampler,
      inputs: { image: { dtype: 'float32', shape: [null, 14, 14, 3] } },
      outputs: { logits: 'float32' },
    } as const;
    const withCritic = (change: Partial<TensorProgram>): string =>
      problemOf({
        training: {
          ...training,
          critic: { program: { ...judge, ...change }, loss: 'hinge' },
        },
      });
    expect(withCritic({})).toBe('valid');
    expect(withCritic({ inputs: { band: { dtype: 'float32', shape: [null] } } })).toBe(
      "level 14: expected critic inputs among image, low, coarse, got 'band'.",
    );
    expect(withCritic({ reads: ['d'] })).toContain(
      'expected a critic that reads training state, got d',
    );
    expect(withCritic({ outputs: { score: 'float32' } })).toContain(
      "expected 'logits' as the only output of a critic, got score",
    );
    expect(withCritic({ writes: ['w'] })).toContain('expected a critic that writes no state');
  });

  it('refuses a style that tells something else than the noise', () => {
    const tells: TensorProgram = {
      name: 'style',
      reads: ['m'],
      writes: [],
      inputs: { image: { dtype: 'float32', shape: [null, 14, 14, 3] } },
      outputs: { 'noise.plane': 'float32' },
      run: (state) => ({ state: {}, outputs: state }),
    };
    const withStyle = (change: Partial<TensorProgram>): string =>
      problemOf({ training: { ...training, style: { ...tells, ...change } } });
    expect(withStyle({})).toBe('valid');
    expect(withStyle({ inputs: { low: { dtype: 'float32', shape: [null, 14, 14, 3] } } })).toBe(
      "level 14: expected style inputs among image, got 'low'.",
    );
    expect(withStyle({ outputs: { z: 'float32' } })).toBe(
      "level 14: expected 'noise.plane' as the only output of a style, got z.",
    );
    expect(withStyle({ reads: ['s'], writes: ['w'] })).toBe(
      'level 14: expected a style that reads training state, got s.\n' +
        'level 14: expected a style that writes no state, got w.',
    );
  });

  it('refuses a network that sees what no level has, or whose layers have no names of their own', () => {
    const eye = {
      ...sampler,
      inputs: { image: { dtype: 'float32', shape: [null, 14, 14, 3] } },
      outputs: { features: 'float32' },
    } as const;
    const withNetwork = (
      layers: readonly string[],
      program: (layer: string) => Partial<TensorProgram>,
    ): string =>
      problemOf({
        training: {
          ...training,
          networks: { d: { layers, program: (layer) => ({ ...eye, ...program(layer) }) } },
        },
      });
    expect(withNetwork(['a', 'b'], () => ({}))).toBe('valid');
    expect(withNetwork(['a', 'a'], () => ({}))).toBe(
      "level 14: expected network 'd' to have layers with names of their own, got a, a.",
    );
    expect(withNetwork([], () => ({}))).toContain('got none');
    expect(
      withNetwork(['a', 'b'], () => ({ inputs: { band: { dtype: 'float32', shape: [null] } } })),
    ).toMatch(/^level 14: expected network 'd' inputs among .*image, got 'band'\.$/);
    expect(
      withNetwork(['a', 'b'], (layer) => (layer === 'b' ? { reads: ['v'], writes: ['w'] } : {})),
    ).toBe(
      "level 14: expected a network 'd' that reads training state, got v.\n" +
        "level 14: expected a network 'd' that writes no state, got w.",
    );
    expect(withNetwork(['a'], () => ({ outputs: { image: 'float32' } }))).toContain(
      "expected 'features' as the only output of a network 'd', got image",
    );
  });
});
