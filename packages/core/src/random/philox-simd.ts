// Philox4x32-10 for four blocks at once, with WebAssembly's vectors: JavaScript has no product of 32-bit numbers that keeps all 64 bits,
// and takes eight times as long. The module is put together here; its instructions have the names of the WebAssembly specification in
// comments. It has 3 KB: browsers compile at most 4 KB at once where a page's own scripts run.
import type { PhiloxKey } from './philox.js';

/** The words of one page of WebAssembly's memory, which is all that the module has. */
const PAGE_WORDS = 0x4000;
/** Words that four blocks have: it makes no fewer. */
const STRIDE = 16;

/** What of WebAssembly is used; it is a global of Node and browsers that no library of types here declares. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly fill: (
    keyLow: number,
    keyHigh: number,
    counterLow: number,
    counterHigh: number,
    bytes: number,
  ) => void;
}

/**
 * Writes the words of blocks `counterLow`, `counterLow` + 1, … to `out`, which holds whole blocks. The lower counter word must not
 * overflow, not even where the number of blocks is rounded up to four.
 */
export type FillBlocks = (
  key: PhiloxKey,
  counterLow: number,
  counterHigh: number,
  out: Uint32Array,
) => void;

/** `null` where there is no WebAssembly with vectors, or a page's policy forbids it. */
export function openPhiloxSimd(): FillBlocks | null {
  const api = (globalThis as { WebAssembly?: WebAssemblyApi }).WebAssembly;
  if (!api) return null;
  let made: Exports;
  try {
    made = new api.Instance(new api.Module(philoxModule())).exports as Exports;
  } catch {
    return null;
  }
  const page = new Uint32Array(made.memory.buffer);
  return ([low, high], counterLow, counterHigh, out) => {
    for (let at = 0; at < out.length; at += PAGE_WORDS) {
      const length = Math.min(PAGE_WORDS, out.length - at);
      const bytes = 4 * STRIDE * Math.ceil(length / STRIDE);
      made.fill(low, high, counterLow + at / 4, counterHigh, bytes);
      out.set(length === PAGE_WORDS ? page : page.subarray(0, length), at);
    }
  };
}

// Locals of the one function: its parameters, an address, and vectors of four words, one of each block.
const [KEY_LOW, KEY_HIGH, COUNTER_LOW, COUNTER_HIGH, END, AT] = [0, 1, 2, 3, 4, 5];
const [C0, C1, C2, C3, K0, K1, NEXT, LOW, HIGH, LEFT] = [6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const VECTORS = 10;

const I32 = 0x7f;
const V128 = 0x7b;
const loop = [0x03, 0x40];
const end = [0x0b];
const again = [0x0d, 0x00]; // br_if 0
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const i32Const = (value: number): number[] => [0x41, value]; // below 64
const i32Add = [0x6a];
const i32LessUnsigned = [0x49];
const vector = (instruction: number): number[] => [0xfd, ...leb(instruction)];
const splat = vector(0x11); // i32x4.splat
const xor = vector(0x51); // v128.xor
const add = vector(0xae); // i32x4.add
const productsLow = vector(0xde); // i64x2.extmul_low_i32x4_u
const productsHigh = vector(0xdf); // i64x2.extmul_high_i32x4_u
const store = (offset: number): number[] => [...vector(0x0b), 0x04, offset]; // v128.store
const words = (values: readonly number[]): number[] => [
  ...vector(0x0c), // v128.const
  ...new Uint8Array(Uint32Array.from(values).buffer),
];
const same = (value: number): number[] => words([value, value, value, value]);
/** i8x16.shuffle: words 0 to 3 are the first operand's, 4 to 7 the second's. */
const shuffle = (picked: readonly number[]): number[] => [
  ...vector(0x0d),
  ...picked.flatMap((word) => [4 * word, 4 * word + 1, 4 * word + 2, 4 * word + 3]),
];

/** Both halves of the products of a vector with a number: the lower ones stay in LOW, the upper ones on the stack. */
function product(of: number, by: number): number[] {
  return [
    ...[...get(of), ...same(by), ...productsLow, ...set(LEFT)],
    ...[...get(of), ...same(by), ...productsHigh, ...set(HIGH)],
    ...[...get(LEFT), ...get(HIGH), ...shuffle([0, 2, 4, 6]), ...set(LOW)],
    ...[...get(LEFT), ...get(HIGH), ...shuffle([1, 3, 5, 7])],
  ];
}

/** One round, as in philox.ts. */
function round(): number[] {
  return [
    // c2 ← high(c0 · M0) ^ c3 ^ k1 and c0 ← high(c2 · M1) ^ c1 ^ k0, each from the c0 and c2 before.
    ...[...product(C0, 0xd2511f53), ...get(C3), ...xor, ...get(K1), ...xor],
    ...[...get(LOW), ...set(C3)],
    ...[...product(C2, 0xcd9e8d57), ...get(C1), ...xor, ...get(K0), ...xor, ...set(C0)],
    ...[...set(C2), ...get(LOW), ...set(C1)],
    ...[...get(K0), ...same(0x9e3779b9), ...add, ...set(K0)],
    ...[...get(K1), ...same(0xbb67ae85), ...add, ...set(K1)],
  ];
}

/** The blocks behind each other: columns become rows. */
function storeBlocks(): number[] {
  const halves = (first: number, second: number, picked: readonly number[]): number[] => [
    ...get(first),
    ...get(second),
    ...shuffle(picked),
  ];
  const pair = (picked: readonly number[], offset: number): number[] => [
    ...[...halves(C0, C1, picked), ...set(LOW), ...halves(C2, C3, picked), ...set(HIGH)],
    ...[...get(AT), ...halves(LOW, HIGH, [0, 1, 4, 5]), ...store(offset)],
    ...[...get(AT), ...halves(LOW, HIGH, [2, 3, 6, 7]), ...store(offset + 16)],
  ];
  return [...pair([0, 4, 1, 5], 0), ...pair([2, 6, 3, 7], 32)];
}

function philoxModule(): Uint8Array {
  const body = [
    ...[2, 1, I32, VECTORS, V128],
    ...[...get(COUNTER_LOW), ...splat, ...words([0, 1, 2, 3]), ...add, ...set(NEXT)],
    ...loop,
    ...[...get(NEXT), ...set(C0), ...get(COUNTER_HIGH), ...splat, ...set(C1)],
    ...[...same(0), ...set(C2), ...same(0), ...set(C3)],
    ...[...get(KEY_LOW), ...splat, ...set(K0), ...get(KEY_HIGH), ...splat, ...set(K1)],
    ...Array.from({ length: 10 }, round).flat(),
    ...storeBlocks(),
    ...[...get(NEXT), ...same(4), ...add, ...set(NEXT)],
    ...[...get(AT), ...i32Const(0x20), ...i32Add, ...i32Const(0x20), ...i32Add, ...set(AT)],
    ...[...get(AT), ...get(END), ...i32LessUnsigned, ...again],
    ...end,
    ...end,
  ];
  const name = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];
  const section = (id: number, content: readonly number[]): number[] => [
    id,
    ...leb(content.length),
    ...content,
  ];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic and version
    ...section(1, [1, 0x60, 5, I32, I32, I32, I32, I32, 0]), // the type of a function of five numbers, without a result
    ...section(3, [1, 0]),
    ...section(5, [1, 1, 1, 1]), // one page of memory, and no more
    ...section(7, [2, ...name('memory'), 2, 0, ...name('fill'), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

/** An unsigned number in WebAssembly's variable length. */
function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}
