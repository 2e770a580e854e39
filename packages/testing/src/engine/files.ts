import { describe, expect, it } from 'vitest';
import { expectClose } from '../expect-close.js';
import { expectRefusal } from '../expect-refusal.js';
import { bool, float32, int32, spread, uint8 } from '../tensor-values.js';
import type { EngineHarness } from './harness.js';
import { convolution, convolutionState, convolved, types } from './programs.js';

/** ONNX files: what `export` writes, `load` runs. */
export function describeFiles(harness: EngineHarness): void {
  const { backend, closeness } = harness;

  describe('files', () => {
    it('writes a program with its state, for any batch, and loads it again', async () => {
      const metadata = { 'lapyra.level': '14', note: 'with "quotes" and é' };
      const { engine } = harness;
      const file = await engine.export!(convolution, convolutionState, { metadata });
      const model = await engine.load!(file);
      expect(model.metadata).toMatchObject(metadata);
      expect(model.inputs).toEqual([{ name: 'image', dtype: 'float32', shape: [null, 4, 5, 2] }]);
      expect(model.outputs).toEqual([
        { name: 'features', dtype: 'float32', shape: [null, 4, 5, 3] },
      ]);
      for (const batch of [1, 3, 64]) {
        const image = float32([batch, 4, 5, 2], spread(batch * 40, batch));
        const result = await model.run({ image });
        expect(result['features']?.shape).toEqual([batch, 4, 5, 3]);
        expectClose(result['features']!, convolved(image.data as Float32Array, batch), closeness);
      }
      await model.dispose();
      await model.dispose();
      await expectRefusal(
        model.run({ image: float32([1, 4, 5, 2], spread(40, 1)) }),
        'LAPYRA_ENGINE_DISPOSED',
        backend.id,
      );
    });

    it('keeps element types in files', async () => {
      const model = await harness.engine.load!(await harness.engine.export!(types, {}));
      const result = await model.run({
        byte: uint8([1, 2], [3, 127]),
        whole: int32([1], [-5]),
        flag: bool([1], [1]),
      });
      expect(result).toEqual({
        doubled: uint8([1, 2], [6, 254]),
        next: int32([1], [-4]),
        not: bool([1], [0]),
        quarter: float32([1, 2], [0.75, 31.75]),
      });
      await model.dispose();
    });

    it('refuses what is no ONNX file, and inputs that a file does not take', async () => {
      const { engine } = harness;
      await expectRefusal(engine.load!(new Uint8Array(64)), 'LAPYRA_ENGINE_MODEL', backend.id);
      const model = await engine.load!(await engine.export!(convolution, convolutionState));
      const code = 'LAPYRA_ENGINE_INPUT';
      await expectRefusal(model.run({}), code, "'image'");
      await expectRefusal(
        model.run({ image: float32([1, 4, 4, 2], spread(32, 1)) }),
        code,
        ', 4, 5, 2]',
      );
      await expectRefusal(model.run({ image: int32([1, 4, 5, 2], spread(40, 1)) }), code, 'int32');
      await model.dispose();
    });

    it('refuses to write a program without the state that it reads', async () => {
      await expectRefusal(
        harness.engine.export!(convolution, {}),
        'LAPYRA_ENGINE_STATE',
        "'kernel'",
      );
    });
  });
}
