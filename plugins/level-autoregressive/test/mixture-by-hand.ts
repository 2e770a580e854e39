// The discretised mixture of logistics in doubles, straight from its definition: differences of distribution functions.

/** log p of one pixel's values 0…255, from parameters in the order of the level's: nats. */
export function mixtureLogProbability(
  parameters: readonly number[],
  values: readonly number[],
  components: number,
): number {
  let total = 0;
  const group = (index: number, component: number): number =>
    parameters[index * components + component]!;
  const weights = Array.from({ length: components }, (_, k) => Math.exp(group(0, k)));
  const sum = weights.reduce((a, b) => a + b, 0);
  for (let k = 0; k < components; k += 1) {
    let probability = weights[k]! / sum;
    let at = 1;
    const before: number[] = [];
    for (const value of values) {
      let mean = group(at, k);
      const scale = Math.exp(Math.max(group(at + 1, k) - 2, -7));
      at += 2;
      for (const other of before) mean += Math.tanh(group(at++, k)) * other;
      const x = (value - 127.5) / 127.5;
      // Right of the mean from above: there 1 − F has the digits that F has not.
      const side = x > mean ? -1 : 1;
      const tail = (edge: number): number => 1 / (1 + Math.exp((-side * (edge - mean)) / scale));
      const [above, below] = side === 1 ? [1, 0] : [0, 1];
      const upper = value === 255 ? above : tail(x + 1 / 255);
      const lower = value === 0 ? below : tail(x - 1 / 255);
      probability *= side * (upper - lower);
      before.push(x);
    }
    total += probability;
  }
  return Math.log(total);
}
