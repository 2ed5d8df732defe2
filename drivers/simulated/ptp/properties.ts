/** Battery and clock of a simulated PTP camera, as its properties tell them. */
import type { Clock } from '../../contract/clock.js';
import type { DatasetWriter } from './dataset-writer.js';

export interface PropertyOptions {
  readonly clock: Clock;
  /** Default 80. */
  readonly batteryPercent?: number;
  /** Default UINT8, as the standard says. */
  readonly batteryType?: 'u8' | 'u16';
  /** Camera minus true time, ms, default 0; and its zone, minutes east, default 480. */
  readonly clockOffsetMs?: number;
  readonly zoneMinutes?: number;
  /** How it writes a time, default `plain`. Takes back nothing else. */
  readonly timeManner?: 'plain' | 'point-zero' | 'tenths' | 'zone';
  /** What it takes back, where not its own manner. */
  readonly takesOnly?: 'plain';
  readonly clockReadOnly?: boolean;
  /** Says OK to a new time and keeps the old. */
  readonly clockDeaf?: boolean;
}

const battery = 0x5001;
const dateTime = 0x5011;
export const knownProperties: readonly number[] = [battery, dateTime];

const manners = {
  plain: /^\d{8}T\d{6}$/,
  'point-zero': /^\d{8}T\d{6}\.0$/,
  tenths: /^\d{8}T\d{6}\.\d$/,
  zone: /^\d{8}T\d{6}[+-]\d{4}$/,
} as const;

export class SimulatedProperties {
  readonly #options: PropertyOptions;
  #clockOffsetMs: number;

  constructor(options: PropertyOptions) {
    this.#options = options;
    this.#clockOffsetMs = options.clockOffsetMs ?? 0;
  }

  /** Camera minus true time, ms. */
  get clockOffsetMs(): number {
    return this.#clockOffsetMs;
  }

  describe(property: number, into: DatasetWriter): DatasetWriter {
    const wide = this.#options.batteryType === 'u16';
    const writable = property === dateTime && this.#options.clockReadOnly !== true;
    into.u16(property).u16(property === dateTime ? 0xffff : wide ? 4 : 2);
    into.u8(writable ? 1 : 0);
    this.value(property, into);
    this.value(property, into);
    if (property === dateTime) return into.u8(0);
    into.u8(1);
    for (const value of [0, 100, 1]) wide ? into.u16(value) : into.u8(value);
    return into;
  }

  value(property: number, into: DatasetWriter): DatasetWriter {
    const { batteryPercent = 80, batteryType = 'u8', clock, timeManner = 'plain' } = this.#options;
    if (property === battery) return batteryType === 'u8' ? into.u8(batteryPercent) : into.u16(batteryPercent);
    return into.text(this.written(clock.wallMs() + this.#clockOffsetMs, timeManner));
  }

  /** Response code. */
  set(property: number, dataOut: Uint8Array): number {
    const { timeManner = 'plain', takesOnly = timeManner, zoneMinutes = 480, clock } = this.#options;
    if (property !== dateTime || this.#options.clockReadOnly === true) return 0x200f;
    const raw = Buffer.from(dataOut.subarray(1)).toString('utf16le').replace(/\0.*$/, '');
    const fields = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)/.exec(raw);
    if (!manners[takesOnly].test(raw) || fields === null) return 0x201c;
    if (this.#options.clockDeaf === true) return 0x2001;
    const [, year, month, day, hour, minute, second] = fields.map(Number);
    const shownMs = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
    // As clocks do, the running second begins anew with the setting.
    this.#clockOffsetMs = shownMs - zoneMinutes * 60_000 - clock.wallMs();
    return 0x2001;
  }

  written(utcMs: number, manner: keyof typeof manners): string {
    const zoneMinutes = this.#options.zoneMinutes ?? 480;
    const iso = new Date(Math.floor(utcMs) + zoneMinutes * 60_000).toISOString();
    const fields = iso.slice(0, 19).replaceAll(/[-:]/g, '');
    if (manner === 'tenths') return `${fields}.${iso.slice(20, 21)}`;
    if (manner === 'point-zero') return `${fields}.0`;
    const two = (value: number): string => String(Math.floor(Math.abs(value))).padStart(2, '0');
    const zone = `${zoneMinutes < 0 ? '-' : '+'}${two(zoneMinutes / 60)}${two(zoneMinutes % 60)}`;
    return manner === 'zone' ? `${fields}${zone}` : fields;
  }
}
