import * as tf from '@tensorflow/tfjs-core';
import {
  asTensor,
  type HostNumbers,
  type ImportedValue,
  type Operator,
  type RunningCall,
} from './operator.js';

/** Operators that work element by element, with broadcasting. */
export const elementwise: readonly Operator[] = [
  ...Object.entries({
    Abs: tf.abs,
    Erf: tf.erf,
    Exp: tf.exp,
    Log: tf.log,
    Neg: tf.neg,
    Reciprocal: tf.reciprocal,
    Relu: tf.relu,
    Sigmoid: tf.sigmoid,
    Softplus: tf.softplus,
    Sqrt: tf.sqrt,
    Tanh: tf.tanh,
  }).map(([name, of]): Operator => ({ name, attrs: [], run: (call) => of(call.tensor(0)) })),
  binary('Add', tf.add, (a, b) => a + b),
  binary('Sub', tf.sub, (a, b) => a - b),
  binary('Mul', tf.mul, (a, b) => a * b),
  binary('Div', tf.div, (a, b) => Math.trunc(a / b)),
  {
    name: 'Pow',
    attrs: [],
    run: (call) => tf.pow(call.tensor(0), tf.cast(call.tensor(1), 'float32')),
  },
  folded('Max', tf.maximum),
  folded('Min', tf.minimum),
  folded('Sum', tf.add),
  {
    name: 'LeakyRelu',
    attrs: ['alpha'],
    run: (call) => tf.leakyRelu(call.tensor(0), call.float('alpha', 0.01)),
  },
  { name: 'PRelu', attrs: [], run: (call) => tf.prelu(call.tensor(0), call.tensor(1)) },
  {
    name: 'Elu',
    attrs: ['alpha'],
    // tf.elu has no scale: below zero elu is its scale times what tf.elu gives there.
    run: (call) => {
      const [x, alpha] = [call.tensor(0), call.float('alpha', 1)];
      if (alpha === 1) return tf.elu(x);
      return tf.add(tf.relu(x), tf.mul(alpha, tf.elu(tf.minimum(x, 0))));
    },
  },
  {
    name: 'Selu',
    attrs: ['alpha', 'gamma'],
    refuses: ({ attrs }) => {
      const near = (name: string, value: number): boolean =>
        attrs[name] === undefined || Math.abs(Number(attrs[name]) - value) < 1e-5;
      const own = near('alpha', 1.6732632) && near('gamma', 1.050701);
      return own ? null : 'an alpha or gamma other than SELU’s own';
    },
    run: (call) => tf.selu(call.tensor(0)),
  },
  {
    name: 'HardSigmoid',
    attrs: ['alpha', 'beta'],
    run: (call) => hardSigmoid(call.tensor(0), call.float('alpha', 0.2), call.float('beta', 0.5)),
  },
  {
    name: 'HardSwish',
    attrs: [],
    run: (call) => tf.mul(call.tensor(0), hardSigmoid(call.tensor(0), 1 / 6, 0.5)),
  },
  {
    name: 'Clip',
    attrs: ['min', 'max'],
    settings: [1, 2],
    run: (call) => {
      const bound = (name: string, at: number, otherwise: number): number => {
        if (call.opset < 11) return call.float(name, otherwise);
        return call.has(at) ? (call.host(at).values[0] ?? otherwise) : otherwise;
      };
      const [low, high] = [bound('min', 1, -Infinity), bound('max', 2, Infinity)];
      const x = call.tensor(0);
      if (low === -Infinity) return high === Infinity ? x : tf.minimum(x, high);
      return high === Infinity ? tf.maximum(x, low) : tf.clipByValue(x, low, high);
    },
  },
  {
    name: 'Cast',
    attrs: ['to'],
    refuses: ({ attrs: { to } }) =>
      to === 1 || to === 6 || to === 7 ? null : 'a type other than float32, int32 and int64',
    run: (call) => {
      const value = call.value(0);
      const float = call.int('to', 1) === 1;
      if (value instanceof tf.Tensor) return tf.cast(value, float ? 'float32' : 'int32');
      return {
        ...value,
        whole: !float,
        values: float ? value.values : value.values.map(Math.trunc),
      };
    },
  },
  { name: 'Identity', attrs: [], run: (call) => call.value(0) },
  {
    name: 'Dropout',
    attrs: ['ratio', 'seed', 'is_test', 'training_mode'],
    settings: [1, 2],
    refuses: ({ outputs }) => (outputs.length > 1 && outputs[1] !== '' ? 'its mask' : null),
    run: (call) => {
      if (call.has(2) && call.host(2).values[0] !== 0) throw call.refuse('training mode');
      return call.value(0);
    },
  },
];

function hardSigmoid(x: tf.Tensor, alpha: number, beta: number): tf.Tensor {
  return tf.clipByValue(tf.add(tf.mul(x, alpha), beta), 0, 1);
}

function binary(
  name: string,
  of: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
  ofNumbers: (a: number, b: number) => number,
): Operator {
  return {
    name,
    attrs: [],
    run: (call): ImportedValue => {
      const both = [call.value(0), call.value(1)] as const;
      const known = both.filter((value): value is HostNumbers => !(value instanceof tf.Tensor));
      if (known.length < 2 || known.some(({ whole }) => !whole))
        return of(...(both.map(asFloat) as [tf.Tensor, tf.Tensor]));
      return broadcast(call, known[0]!, known[1]!, ofNumbers);
    },
  };
}

function asFloat(value: ImportedValue): tf.Tensor {
  return tf.cast(asTensor(value), 'float32');
}

function broadcast(
  call: RunningCall,
  a: HostNumbers,
  b: HostNumbers,
  of: (a: number, b: number) => number,
): HostNumbers {
  const [one, other] = [a.values.length, b.values.length];
  if (one !== other && one !== 1 && other !== 1)
    throw call.refuse(`expected sizes of one length, got ${one} and ${other}`);
  const { shape } = one >= other ? a : b;
  const values = Array.from({ length: Math.max(one, other) }, (_, i) =>
    of(a.values[one === 1 ? 0 : i] ?? 0, b.values[other === 1 ? 0 : i] ?? 0),
  );
  return { shape, values, whole: true };
}

function folded(name: string, of: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Operator {
  return { name, attrs: [], run: (call) => call.tensors().reduce((a, b) => of(a, b)) };
}
