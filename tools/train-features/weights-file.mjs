// The file of weights that the plugin ships: safetensors with int8 kernels.

/** `<layer>.weight` and `<layer>.bias` → the bytes of the file: each kernel is int8, with a scale for each output plane. */
export function encodeWeights(weights) {
  const floats = [];
  const bytes = [];
  for (const [name, { shape, data }] of Object.entries(weights)) {
    if (!name.endsWith('.weight')) {
      floats.push([name, shape, data]);
      continue;
    }
    const planes = shape.at(-1);
    const scale = new Float32Array(planes);
    data.forEach(
      (value, at) => (scale[at % planes] = Math.max(scale[at % planes], Math.abs(value) / 127)),
    );
    floats.push([name.replace(/weight$/, 'scale'), [planes], scale]);
    bytes.push([
      name,
      shape,
      Int8Array.from(data, (value, at) => Math.round(value / scale[at % planes])),
    ]);
  }
  const header = {};
  let offset = 0;
  for (const [name, shape, data] of [...floats, ...bytes]) {
    const dtype = data instanceof Int8Array ? 'I8' : 'F32';
    header[name] = { dtype, shape, data_offsets: [offset, (offset += data.byteLength)] };
  }
  const json = JSON.stringify(header);
  const head = Buffer.alloc(8 + Math.ceil(Buffer.byteLength(json) / 8) * 8, ' ');
  head.writeBigUInt64LE(BigInt(head.length - 8));
  head.write(json, 8);
  return Buffer.concat([
    head,
    ...[...floats, ...bytes].map(([, , data]) => Buffer.from(data.buffer)),
  ]);
}
