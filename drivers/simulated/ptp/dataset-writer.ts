/** Datasets as a device writes them, little-endian. Knows nothing of how this project reads them. */

export class DatasetWriter {
  readonly #parts: Buffer[] = [];

  u8(value: number): this {
    return this.#add(1, (buffer) => buffer.writeUInt8(value));
  }

  u16(value: number): this {
    return this.#add(2, (buffer) => buffer.writeUInt16LE(value));
  }

  u32(value: number): this {
    return this.#add(4, (buffer) => buffer.writeUInt32LE(value));
  }

  u64(value: bigint): this {
    return this.#add(8, (buffer) => buffer.writeBigUInt64LE(value));
  }

  /** Units with the NUL, in one byte; longer text is cut, as devices do. */
  text(text: string): this {
    if (text === '') return this.u8(0);
    const units = `${text.slice(0, 254)}\0`;
    this.u8(units.length);
    return this.#add(units.length * 2, (buffer) => buffer.write(units, 'utf16le'));
  }

  u16s(values: readonly number[]): this {
    this.u32(values.length);
    for (const value of values) this.u16(value);
    return this;
  }

  u32s(values: readonly number[]): this {
    return this.#add(4 + values.length * 4, (buffer) => {
      buffer.writeUInt32LE(values.length);
      for (const [index, value] of values.entries()) buffer.writeUInt32LE(value, 4 + index * 4);
    });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #add(length: number, write: (buffer: Buffer) => void): this {
    const buffer = Buffer.alloc(length);
    write(buffer);
    this.#parts.push(buffer);
    return this;
  }
}
