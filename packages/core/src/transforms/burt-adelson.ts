import { type AxisWeights, axisWeights } from './axis-weights.js';
import {
  refuseUnlessDouble,
  separableTransform,
  type SeparableTransform,
} from './separable-transform.js';

/** The generating kernel for a = 0.4: ¼ − a/2, ¼, a, ¼, ¼ − a/2. It resembles a Gaussian most closely. */
const KERNEL = [0.05, 0.25, 0.4, 0.25, 0.05] as const;

/**
 * The pyramid of Burt and Adelson, each size twice the one below, level by level: REDUCE weighs five pixels around each
 * second one, along both axes; EXPAND puts zeros between the coarse pixels and weighs the same way, times 4. The kernel
 * is theirs with a = 0.4. At the borders the fine image, with its zeros in EXPAND, is mirrored about its edge pixels
 * (… 2 1 0 1 2 …), which keeps a constant image constant.
 *
 * P. J. Burt, E. H. Adelson: "The Laplacian pyramid as a compact image code", IEEE Transactions on Communications 31
 * (1983), 532–540, doi:10.1109/TCOM.1983.1095851. The paper's sizes are of the form k·2ⁿ + 1; here they are even.
 */
export const burtAdelsonTransform: SeparableTransform = separableTransform({
  id: 'burt-adelson',
  chained: true,
  refuse: refuseUnlessDouble,
  downWeights: (from) => ({ height: reduce(from[0]), width: reduce(from[1]) }),
  upWeights: (_, to) => ({ height: expand(to[0]), width: expand(to[1]) }),
});

function reduce(fine: number): AxisWeights {
  return axisWeights(fine, fine / 2, (i) =>
    KERNEL.map((weight, tap) => [mirror(2 * i + tap - 2, fine), weight]),
  );
}

function expand(fine: number): AxisWeights {
  return axisWeights(fine / 2, fine, (i) => {
    const taps: [number, number][] = [];
    KERNEL.forEach((weight, tap) => {
      const at = mirror(i + tap - 2, fine);
      if (at % 2 === 0) taps.push([at / 2, 2 * weight]); // 2 along each axis is 4 in all
    });
    return taps;
  });
}

/** The pixel seen at `index` when pixels 0 … length − 1 are mirrored about the first and the last. length ≥ 2. */
function mirror(index: number, length: number): number {
  const period = 2 * (length - 1);
  const inside = ((index % period) + period) % period;
  return inside < length ? inside : period - inside;
}
