// The character CNN-RNN: what it sees of a text, its weights, and its forward pass, for encoding and for training alike.
import type { StateTensor, Tensors } from '@lapyra/core';
import { xavierUniform, zeros } from '@lapyra/nn';
import * as tf from '@tensorflow/tfjs-core';

/** Characters that are told apart; any other is the last of them. */
export const ALPHABET = " abcdefghijklmnopqrstuvwxyz0123456789-,.:;'’&()!?/+*#\u0000";

/** Characters that a text may have; three convolutions of stride 2 leave an eighth as steps of the recurrent layer. */
export const LONGEST = 96;

/** Length of a text's vector. */
export const WIDTH = 64;

const CONVOLUTIONS = [
  { name: 'conv1', kernel: 5, planes: 48 },
  { name: 'conv2', kernel: 5, planes: 64 },
  { name: 'conv3', kernel: 3, planes: 64 },
] as const;
const UNITS = 64;

/** The weights by name: `conv1.weight` [1, kernel, in, out], …, `gru.…`, `out.…`. */
export function charWeights(): Record<string, StateTensor> {
  const state: Record<string, StateTensor> = {};
  const add = (name: string, shape: readonly number[], fanIn: number, fanOut: number): void => {
    const initial = fanIn === 0 ? zeros : xavierUniform(fanIn, fanOut);
    state[name] = { shape, role: 'weight', initial };
  };
  let inputs: number = ALPHABET.length;
  for (const { name, kernel, planes } of CONVOLUTIONS) {
    add(`${name}.weight`, [1, kernel, inputs, planes], kernel * inputs, kernel * planes);
    add(`${name}.bias`, [planes], 0, 0);
    inputs = planes;
  }
  add('gru.input.weight', [inputs, 3 * UNITS], inputs, UNITS);
  add('gru.hidden.weight', [UNITS, 3 * UNITS], UNITS, UNITS);
  add('gru.bias', [3 * UNITS], 0, 0);
  add('out.weight', [UNITS, WIDTH], UNITS, WIDTH);
  add('out.bias', [WIDTH], 0, 0);
  return state;
}

/** A text as numbers: [LONGEST, characters of the alphabet], one-hot, zeros behind its end. Accents are taken off. */
export function oneHotText(text: string): Float32Array {
  const rows = new Float32Array(LONGEST * ALPHABET.length);
  // A character that is made of several, such as a Korean syllable, is one here too: no text grows.
  const bases = Array.from(text, (one) => one.normalize('NFKD').replace(/\p{M}/gu, ''))
    .filter((plain) => plain !== '')
    .slice(0, LONGEST);
  bases.forEach((plain, at) => {
    const known = ALPHABET.indexOf(Array.from(plain)[0] ?? '');
    rows[at * ALPHABET.length + (known < 0 ? ALPHABET.length - 1 : known)] = 1;
  });
  return rows;
}

/**
 * Texts as vectors: convolutions of stride 2 with ReLU over the characters, a gated recurrent layer over what is left, the mean of its
 * states, one linear layer. Source: Reed et al. 2016, "Learning Deep Representations of Fine-Grained Visual Descriptions".
 *
 * @param weights {@link charWeights}
 * @param characters [B, LONGEST, alphabet], see {@link oneHotText}
 * @returns [B, WIDTH]
 */
export function charForward(weights: Tensors, characters: tf.Tensor): tf.Tensor {
  const [batch = 0] = characters.shape;
  let map = tf.reshape(characters, [batch, 1, LONGEST, ALPHABET.length]) as tf.Tensor4D;
  for (const { name } of CONVOLUTIONS) {
    const sums = tf.conv2d(map, weights[`${name}.weight`] as tf.Tensor4D, [1, 2], 'same');
    map = tf.relu(tf.add(sums, weights[`${name}.bias`]!)); // [B, 1, L / 2, planes]
  }
  const [, , steps, planes] = map.shape;
  const flat = tf.reshape(map, [batch * steps, planes]);
  const given = tf.add(tf.matMul(flat, weights['gru.input.weight']!), weights['gru.bias']!);
  const inputs = tf.split(tf.reshape(given, [batch, steps, 3 * UNITS]), steps, 1); // [B, 1, 3 · units] each
  let hidden: tf.Tensor | null = null;
  let sum: tf.Tensor | null = null;
  for (const input of inputs) {
    hidden = gatedStep(weights, tf.reshape(input, [batch, 3 * UNITS]), hidden);
    sum = sum ? tf.add(sum, hidden) : hidden;
  }
  const mean = tf.mul(sum!, 1 / steps); // [B, units]
  return tf.add(tf.matMul(mean, weights['out.weight']!), weights['out.bias']!);
}

/** h' = (1 − u) · n + u · h with u = σ(xU + hU'), r = σ(xR + hR'), n = tanh(xN + r · hN') (Cho et al. 2014). */
function gatedStep(weights: Tensors, input: tf.Tensor, hidden: tf.Tensor | null): tf.Tensor {
  const [u0, r0, n0] = tf.split(input, 3, 1); // [B, units] each
  if (!hidden) return tf.mul(tf.sub(1, tf.sigmoid(u0!)), tf.tanh(n0!));
  const before = tf.matMul(hidden, weights['gru.hidden.weight']!);
  const [u1, r1, n1] = tf.split(before, 3, 1);
  const keep = tf.sigmoid(tf.add(u0!, u1!));
  const fresh = tf.tanh(tf.add(n0!, tf.mul(tf.sigmoid(tf.add(r0!, r1!)), n1!)));
  return tf.add(tf.mul(tf.sub(1, keep), fresh), tf.mul(keep, hidden));
}
