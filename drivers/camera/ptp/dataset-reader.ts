/**
 * A cursor over a dataset that a device sent. Pure.
 *
 * Every length and count in it is hostile (I11): nothing is read beyond the end, and no memory is asked for that the bytes at hand
 * do not fill.
 */
import { type Phrase, phrase } from '../../contract/phrase.js';
import { hex4 } from './codes.js';
import { malformed } from './malformed.js';

/** A value of a property: numbers up to 32 bits, larger integers, text; arrays are passed over. */
export type PtpValue = number | bigint | string | 'array';

/** Data types of properties (PIMA 15740, 5.3). */
export const dataTypes = {
  int8: 0x0001,
  uint8: 0x0002,
  int16: 0x0003,
  uint16: 0x0004,
  int32: 0x0005,
  uint32: 0x0006,
  int64: 0x0007,
  uint64: 0x0008,
  int128: 0x0009,
  uint128: 0x000a,
  text: 0xffff,
} as const;

const arrayFlag = 0x4000;

export class DatasetReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #what: string;
  #at = 0;

  /** `what`: name of the dataset, for errors. */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  skip(bytes: number): void {
    this.#take(bytes);
  }

  /** One byte with the count of UTF-16 units, the NUL at the end among them. What follows a NUL is not text. */
  text(): string {
    const units = this.u8();
    const at = this.#take(units * 2);
    let text = '';
    for (let index = 0; index < units; index += 1) {
      const unit = this.#view.getUint16(at + index * 2, true);
      if (unit === 0) break;
      text += String.fromCharCode(unit);
    }
    return text;
  }

  /** As `text`; '' where the dataset ends before it: devices leave out what they have nothing to say for. */
  textIfAny(): string {
    return this.left === 0 ? '' : this.text();
  }

  u16s(): readonly number[] {
    return this.#array(2, () => this.u16());
  }

  u32s(): readonly number[] {
    return this.#array(4, () => this.u32());
  }

  value(type: number): PtpValue {
    if (type === dataTypes.text) return this.text();
    if ((type & arrayFlag) !== 0) {
      const width = integerBytes(type & ~arrayFlag);
      if (width === undefined) throw this.#wrong(phrase`a data type, not ${hex4(type)}`);
      this.skip(this.#count(width) * width);
      return 'array';
    }
    switch (type) {
      case dataTypes.int8:
        return this.#view.getInt8(this.#take(1));
      case dataTypes.uint8:
        return this.u8();
      case dataTypes.int16:
        return this.#view.getInt16(this.#take(2), true);
      case dataTypes.uint16:
        return this.u16();
      case dataTypes.int32:
        return this.#view.getInt32(this.#take(4), true);
      case dataTypes.uint32:
        return this.u32();
      case dataTypes.int64:
        return this.#view.getBigInt64(this.#take(8), true);
      case dataTypes.uint64:
        return this.u64();
      case dataTypes.int128:
      case dataTypes.uint128: {
        const low = this.u64();
        const high = type === dataTypes.uint128 ? this.u64() : this.#view.getBigInt64(this.#take(8), true);
        return (high << 64n) | low;
      }
      default:
        throw this.#wrong(phrase`a data type, not ${hex4(type)}`);
    }
  }

  #array(width: number, next: () => number): readonly number[] {
    return Array.from({ length: this.#count(width) }, next);
  }

  /** A count that the bytes behind it can hold. */
  #count(width: number): number {
    const count = this.u32();
    if (count * width > this.left) throw this.#wrong(phrase`room for ${count} elements of ${width} bytes`);
    return count;
  }

  #take(bytes: number): number {
    if (bytes > this.left) throw this.#wrong(phrase`${bytes} bytes more`);
    const at = this.#at;
    this.#at += bytes;
    return at;
  }

  #wrong(expected: Phrase): Error {
    return malformed(
      phrase`${expected} in ${this.#what}`,
      phrase`${this.left} bytes from ${this.#at} on of ${this.#bytes.length}`,
    );
  }
}

function integerBytes(type: number): number | undefined {
  return type >= dataTypes.int8 && type <= dataTypes.uint128 ? 1 << ((type - 1) >> 1) : undefined;
}
