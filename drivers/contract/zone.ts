/** Local time of an IANA zone to UTC and back. Pure; the zone data is that of the runtime (ICU). */

const formats = new Map<string, Intl.DateTimeFormat>();

/** Zone's offset from UTC at an instant, ms; positive east of Greenwich. */
export function zoneOffsetMs(utcMs: number, timeZone: string): number {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(timeZone, format);
  }
  const part = new Map<string, number>(format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]));
  const of = (type: string): number => part.get(type) ?? 0;
  const shownMs = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return shownMs - Math.floor(utcMs / 1000) * 1000;
}

/** What a clock on the wall in `timeZone` shows at an instant, as if that were UTC, ms. */
export function utcToLocalMs(utcMs: number, timeZone: string): number {
  return utcMs + zoneOffsetMs(utcMs, timeZone);
}

/**
 * `YYYY-MM-DDThh:mm:ss` in `timeZone` as ms since the epoch; null where that is not a date.
 * In the hour that a clock change repeats it is the first; in the hour that it leaves out, the one after.
 */
export function localToUtcMs(local: string, timeZone: string): number | null {
  const asUtcMs = Date.parse(`${local}Z`);
  if (Number.isNaN(asUtcMs)) return null;
  const guessMs = asUtcMs - zoneOffsetMs(asUtcMs, timeZone);
  return asUtcMs - zoneOffsetMs(guessMs, timeZone);
}
