import type { ConditionSpec } from './condition.js';
import type { Size } from './size.js';

/** Where a level stands in its pyramid: all that it knows of the world around it. */
export interface LevelPlace {
  readonly size: Size;
  /** The size of the image below; `null` for the first level. */
  readonly coarse: Size | null;
  readonly channels: number;
  readonly condition: ConditionSpec;
  /** The id of the pyramid's transform. */
  readonly transform: string;
}
