/**
 * Times as PTP writes them: `YYYYMMDDThhmmss[.s][Z|±hhmm]`. Pure.
 *
 * Without `Z` or an offset it is local time, of a zone that nobody says: the dock's (`dock.timeZone`), for cameras belong to its bureau.
 * Devices take back only what looks like their own: what a string had of fraction and zone is kept for writing one.
 */
import { localToUtcMs, zoneOffsetMs } from '../../contract/zone.js';

export interface PtpTime {
  /** What the fields show, as if they were UTC, whole seconds, ms. */
  readonly shownMs: number;
  /** `.0`, `.25`, '' where the device gave none. */
  readonly fraction: string;
  /** `Z`, `+0800`, '' where it is local time. */
  readonly zone: string;
}

const pattern = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(\.\d{1,3})?(Z|[+-](?:0\d|1[0-4])[0-5]\d)?$/;

/** Undefined where it is no time; also for dates that do not exist. */
export function parsePtpTime(raw: string): PtpTime | undefined {
  const match = pattern.exec(raw);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', zone = ''] = match;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const shownMs = Date.parse(`${iso}Z`);
  if (Number.isNaN(shownMs) || new Date(shownMs).toISOString() !== `${iso}.000Z`) return undefined;
  return { shownMs, fraction, zone };
}

/** Fraction of the second, ms. */
export function fractionMs({ fraction }: PtpTime): number {
  return fraction === '' ? 0 : Math.round(Number(`0${fraction}`) * 1000);
}

/** Whole seconds; the fraction is not in it. */
export function ptpTimeToUtcMs(time: PtpTime, timeZone: string): number {
  if (time.zone !== '') return time.shownMs - offsetOf(time.zone);
  return localToUtcMs(new Date(time.shownMs).toISOString().slice(0, 19), timeZone) ?? time.shownMs;
}

/** What a clock on the wall in `timeZone` showed then, as if it were UTC, ms. */
export function ptpTimeToLocalMs(time: PtpTime, timeZone: string): number {
  if (time.zone === '') return time.shownMs;
  const utcMs = time.shownMs - offsetOf(time.zone);
  return utcMs + zoneOffsetMs(utcMs, timeZone);
}

/** `utcMs` (a whole second) in the manner of `like`. */
export function formatPtpTime(utcMs: number, like: Pick<PtpTime, 'fraction' | 'zone'>, timeZone: string): string {
  const shownMs = utcMs + (like.zone === '' ? zoneOffsetMs(utcMs, timeZone) : offsetOf(like.zone));
  const fields = new Date(shownMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  return `${fields}${like.fraction === '' ? '' : `.${'0'.repeat(like.fraction.length - 1)}`}${like.zone}`;
}

function offsetOf(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
  return (zone[0] === '-' ? -minutes : minutes) * 60_000;
}
