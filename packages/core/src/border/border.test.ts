import { describe, expect, it } from 'vitest';
import { LapyraError } from '../error.js';
import type { TensorProgram } from '../tensor-program.js';
import type { TensorValue } from '../tensor-value.js';
import { checkProgram, chosenNames, inputPorts, statePorts } from './check-program.js';
import { checkProgramResult } from './check-program-result.js';
import { checkInputs, checkStatePart, checkTensorValue } from './check-values.js';
import { disposedError, engineError } from './engine-error.js';
import { describePort, insideType, samePort } from './tensor-port.js';

const pair: TensorValue = { dtype: 'float32', shape: [2], data: Float32Array.of(1, 2) };
const ports = { w: { dtype: 'float32', shape: [2] }, n: { dtype: 'int32', shape: [] } } as const;
const one: TensorValue = { dtype: 'int32', shape: [], data: Int32Array.of(1) };

const program: TensorProgram = {
  name: 'count',
  reads: ['w'],
  writes: ['n'],
  inputs: { x: { dtype: 'uint8', shape: [null, 4] }, rate: { dtype: 'float32', shape: [] } },
  outputs: { pixels: 'uint8' },
  run: () => ({ state: {}, outputs: {} }),
};

/** Code and message of what `work` throws. */
function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (LapyraError.is(error)) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
}

describe('statePorts', () => {
  it('gives element types and shapes', () => {
    expect(statePorts('cpu', { w: pair, n: one })).toEqual(ports);
  });

  it('refuses an array that is too short or of another kind', () => {
    expect(refusal(() => statePorts('cpu', { w: { ...pair, shape: [3] } }))).toBe(
      "LAPYRA_ENGINE_STATE cpu, state tensor 'w': expected Float32Array of 3 elements for float32 [3], got Float32Array of 2.",
    );
    expect(refusal(() => statePorts('cpu', { w: { ...pair, dtype: 'bool' } }))).toBe(
      "LAPYRA_ENGINE_STATE cpu, state tensor 'w': expected Uint8Array of 2 elements for bool [2], got Float32Array of 2.",
    );
  });
});

describe('inputPorts', () => {
  it('puts the batch in place of null', () => {
    expect(inputPorts('cpu', program.inputs, 3)).toEqual({
      x: { dtype: 'uint8', shape: [3, 4] },
      rate: { dtype: 'float32', shape: [] },
    });
  });

  it('needs no batch where no input asks for one', () => {
    const { rate } = program.inputs;
    expect(inputPorts('cpu', { rate: rate! }, undefined)).toEqual({
      rate: { dtype: 'float32', shape: [] },
    });
  });

  it('refuses a batch that is absent, or no count', () => {
    expect(refusal(() => inputPorts('cpu', program.inputs, undefined))).toBe(
      "LAPYRA_ENGINE_BATCH cpu: expected a batch for input 'x' [batch, 4], got none.",
    );
    for (const batch of [0, 1.5, Number.NaN]) {
      expect(refusal(() => inputPorts('cpu', program.inputs, batch))).toBe(
        `LAPYRA_ENGINE_BATCH cpu: expected a batch that is a whole number of at least 1, got ${batch}.`,
      );
    }
  });
});

describe('checkProgram', () => {
  it('takes a state that holds what is read and written, and more', () => {
    checkProgram('cpu', program, { ...ports, other: { dtype: 'bool', shape: [] } });
  });

  it('names what the state lacks', () => {
    expect(refusal(() => checkProgram('cpu', program, { w: ports.w }))).toBe(
      "LAPYRA_ENGINE_STATE cpu: expected the state to hold 'w', 'n', got a state without 'n'.",
    );
  });
});

describe('checkInputs', () => {
  it('takes exactly what is expected', () => {
    checkInputs('cpu', ports, { n: one, w: pair });
  });

  it('refuses names too few or too many', () => {
    expect(refusal(() => checkInputs('cpu', ports, { w: pair }))).toBe(
      "LAPYRA_ENGINE_INPUT cpu: expected inputs 'w', 'n', got 'w'.",
    );
    expect(refusal(() => checkInputs('cpu', {}, { w: pair }))).toBe(
      "LAPYRA_ENGINE_INPUT cpu: expected inputs none, got 'w'.",
    );
  });

  it('refuses another shape or element type', () => {
    const flat = { ...pair, shape: [1, 2] };
    expect(refusal(() => checkInputs('cpu', ports, { w: flat, n: one }))).toBe(
      "LAPYRA_ENGINE_INPUT cpu, input 'w': expected float32 [2], got float32 [1, 2].",
    );
    expect(refusal(() => checkInputs('cpu', { w: ports.n }, { w: pair }))).toBe(
      "LAPYRA_ENGINE_INPUT cpu, input 'w': expected int32 [], got float32 [2].",
    );
  });
});

describe('checkStatePart', () => {
  it('takes a part, and refuses strangers and other shapes', () => {
    checkStatePart('cpu', ports, { n: one });
    expect(refusal(() => checkStatePart('cpu', ports, { m: one }))).toBe(
      "LAPYRA_ENGINE_STATE cpu: expected state tensors 'w', 'n', got 'm'.",
    );
    expect(refusal(() => checkStatePart('cpu', ports, { n: pair }))).toBe(
      "LAPYRA_ENGINE_STATE cpu, state tensor 'n': expected int32 [], got float32 [2].",
    );
  });
});

describe('checkTensorValue', () => {
  it('refuses under the code that it is given', () => {
    checkTensorValue("file, input 'x'", 'LAPYRA_ENGINE_INPUT', pair);
    const long = { ...one, data: new Int32Array(2) };
    expect(refusal(() => checkTensorValue("file, input 'x'", 'LAPYRA_ENGINE_INPUT', long))).toBe(
      "LAPYRA_ENGINE_INPUT file, input 'x': expected Int32Array of 1 elements for int32 [], got Int32Array of 2.",
    );
  });
});

describe('chosenNames', () => {
  it('gives back what is wanted, all by default', () => {
    expect(chosenNames('cpu', 'output', ['a', 'b'], undefined)).toEqual(['a', 'b']);
    expect(chosenNames('cpu', 'output', ['a', 'b'], ['b'])).toEqual(['b']);
    expect(chosenNames('cpu', 'output', ['a', 'b'], [])).toEqual([]);
  });

  it('refuses a name that is not known', () => {
    expect(refusal(() => chosenNames('cpu', 'output', ['a', 'b'], ['c']))).toBe(
      "LAPYRA_ENGINE_NAME cpu: expected outputs among 'a', 'b', got 'c'.",
    );
  });
});

describe('checkProgramResult', () => {
  // Of a tensor nothing else is looked at.
  const n = { dtype: 'int32', shape: [] };
  const pixels = { dtype: 'int32', shape: [2] };

  it('takes what the program declares; uint8 is int32 inside', () => {
    const result = { state: { n }, outputs: { pixels } };
    expect(checkProgramResult('cpu', program, ports, result)).toBe(result);
  });

  it.each([
    ['nothing', undefined, "cpu: expected state 'n', got none."],
    ['no outputs', { state: { n }, outputs: {} }, "cpu: expected outputs 'pixels', got none."],
    [
      'state that it does not write',
      { state: { n, w: n }, outputs: { pixels } },
      "cpu: expected state 'n', got 'n', 'w'.",
    ],
    [
      'state of another shape',
      { state: { n: pixels }, outputs: { pixels } },
      "cpu, state tensor 'n': expected int32 [], got int32 [2].",
    ],
    [
      'an output of another type',
      { state: { n }, outputs: { pixels: { dtype: 'float32', shape: [1] } } },
      "cpu, output 'pixels': expected uint8, got float32 [1].",
    ],
    [
      'a number',
      { state: { n: 1 }, outputs: { pixels } },
      "cpu, state tensor 'n': expected int32 [], got number in place of a tensor.",
    ],
  ])('refuses %s', (_, result, message) => {
    expect(refusal(() => checkProgramResult('cpu', program, ports, result))).toBe(
      `LAPYRA_ENGINE_RESULT ${message}`,
    );
  });
});

describe('engineError', () => {
  const own = new LapyraError('LAPYRA_TEST_OWN', 'own: expected this.');

  it('lets errors of Lapyra pass, also from inside of others', () => {
    expect(engineError('LAPYRA_ENGINE_RUN', 'cpu', own)).toBe(own);
    expect(engineError('LAPYRA_ENGINE_RUN', 'cpu', new Error('failed', { cause: own }))).toBe(own);
  });

  it('wraps all else once, with its hint', () => {
    const cause = Object.assign(new Error('no such kernel'), { hint: 'Use another.' });
    expect(engineError('LAPYRA_ENGINE_COMPILE', 'cpu', cause)).toMatchObject({
      code: 'LAPYRA_ENGINE_COMPILE',
      message: 'cpu: failed: no such kernel',
      hint: 'Use another.',
      cause,
    });
    expect(engineError('LAPYRA_ENGINE_RUN', 'cpu', 'text').message).toBe('cpu: failed: text');
  });
});

describe('disposedError', () => {
  it('says what was disposed of', () => {
    expect(
      refusal(() => {
        throw disposedError('cpu', 'a state');
      }),
    ).toBe('LAPYRA_ENGINE_DISPOSED cpu: expected a state in use, got one that was disposed of.');
  });
});

describe('ports', () => {
  it('are the same if element type and each side are', () => {
    expect(samePort(ports.w, pair)).toBe(true);
    expect(samePort(ports.w, { dtype: 'float32', shape: [3] })).toBe(false);
    expect(samePort(ports.w, { dtype: 'float32', shape: [2, 1] })).toBe(false);
    expect(samePort(ports.w, { dtype: 'int32', shape: [2] })).toBe(false);
  });

  it('read as element type and shape', () => {
    expect(describePort({ dtype: 'bool', shape: [2, 3] })).toBe('bool [2, 3]');
  });

  it('keep their element type inside a program, but for uint8', () => {
    const types = (['float32', 'int32', 'bool', 'uint8'] as const).map(insideType);
    expect(types).toEqual(['float32', 'int32', 'bool', 'int32']);
  });
});
