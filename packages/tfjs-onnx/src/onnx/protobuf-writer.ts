/** Writes protocol buffer messages: the wire types that ONNX needs, and no schema. */
export class ProtobufWriter {
  private readonly chunks: Uint8Array[] = [];
  private length = 0;

  /** A whole number (wire type 0); negative ones take ten bytes, as the format wants. */
  int(field: number, value: number | bigint): this {
    this.varint((BigInt(field) << 3n) | 0n);
    this.varint(BigInt(value));
    return this;
  }

  /** A 32-bit float (wire type 5). */
  float(field: number, value: number): this {
    this.varint((BigInt(field) << 3n) | 5n);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.push(bytes);
    return this;
  }

  /** Bytes (wire type 2). */
  bytes(field: number, value: Uint8Array): this {
    this.varint((BigInt(field) << 3n) | 2n);
    this.varint(BigInt(value.length));
    this.push(value);
    return this;
  }

  /** Text (wire type 2). */
  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** A nested message (wire type 2). */
  message(field: number, write: (writer: ProtobufWriter) => void): this {
    const nested = new ProtobufWriter();
    write(nested);
    return this.bytes(field, nested.finish());
  }

  /** A packed list of whole numbers (wire type 2). */
  ints(field: number, values: readonly number[]): this {
    const packed = new ProtobufWriter();
    for (const value of values) packed.varint(BigInt(value));
    return this.bytes(field, packed.finish());
  }

  /** All that was written. */
  finish(): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.length);
    let offset = 0;
    for (const chunk of this.chunks) {
      out.set(chunk, offset);
      offset += chunk.length;
    }
    return out;
  }

  private varint(value: bigint): void {
    let rest = BigInt.asUintN(64, value);
    const bytes: number[] = [];
    do {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      bytes.push(rest === 0n ? low : low | 0x80);
    } while (rest !== 0n);
    this.push(Uint8Array.from(bytes));
  }

  private push(bytes: Uint8Array): void {
    this.chunks.push(bytes);
    this.length += bytes.length;
  }
}
