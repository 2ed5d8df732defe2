/** Figures as people read them, in both languages. Pure. Sizes are decimal, as cards and disks are sold (decision 0061). */
import type { Language } from './messages.js';

const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Three digits: `999 B`, `1.23 GB`, `64.0 GB`, `412 GB`. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.5 would be rounded to four digits.
  while (value >= 999.5 && unit < sizeUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${sizeUnits[unit]}`;
}

export function rate(bytesPerSecond: number): string {
  return `${size(bytesPerSecond)}/s`;
}

const units = {
  en: { second: ' s', minute: ' min', hour: ' h', day: ' d' },
  'zh-CN': { second: ' 秒', minute: ' 分', hour: ' 小时', day: ' 天' },
} as const;
/** For tables, where columns are dear. */
const shortUnits = {
  en: { second: 's', minute: 'm', hour: 'h', day: 'd' },
  'zh-CN': { second: '秒', minute: '分', hour: '小时', day: '天' },
} as const;

type Units = (typeof units | typeof shortUnits)[Language];

/** Two units at most; `between` stands between them. */
function twoUnits(ms: number, { second, minute, hour, day }: Units, between: string): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  if (seconds < 60) return `${seconds}${second}`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}${minute}${between}${two(seconds % 60)}${second}`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)}${hour}${between}${two(minutes % 60)}${minute}`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)}${day}${between}${two(hours % 24)}${hour}`;
}

/** `45 s`, `2 min 10 s`, `1 h 05 min`, `3 d 04 h`. */
export function duration(ms: number, language: Language): string {
  return twoUnits(ms, units[language], ' ');
}

/** `45s`, `2m 10s`, `1h 05m`, `3d 04h`; `2分10秒`. */
export function shortDuration(ms: number, language: Language): string {
  return twoUnits(ms, shortUnits[language], language === 'en' ? ' ' : '');
}

/** Time still to go, rounded so that it does not flicker: to 5 s below 2 minutes, to 10 s below 10, to minutes above; ms. */
export function steadyEtaMs(ms: number): number {
  const stepMs = ms < 10_000 ? 1_000 : ms < 120_000 ? 5_000 : ms < 600_000 ? 10_000 : 60_000;
  return Math.max(1_000, Math.ceil(ms / stepMs) * stepMs);
}

/** Recording time, in hours however many: a shift is counted in hours. `45m`, `9h 40m`, `25h 07m`. */
export function recordingTime(minutes: number, language: Language): string {
  const { minute, hour } = shortUnits[language];
  if (minutes < 60) return `${minutes}${minute}`;
  const rest = String(minutes % 60).padStart(2, '0');
  return `${Math.floor(minutes / 60)}${hour}${language === 'en' ? ' ' : ''}${rest}${minute}`;
}

/** A clock's error with its sign: `+97.2 s`, `−12 ms`, `+2h 03m`. Seconds by their international symbol in both languages. */
export function offset(ms: number, language: Language): string {
  const sign = ms < 0 ? '−' : '+';
  const absoluteMs = Math.abs(ms);
  if (absoluteMs < 999.5) return `${sign}${Math.round(absoluteMs)} ms`;
  if (absoluteMs < 600_000) return `${sign}${(absoluteMs / 1000).toFixed(1)} s`;
  return `${sign}${shortDuration(absoluteMs, language)}`;
}

/** `1,234,567`. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Whole percent, never rounded up to 100 before everything is done. */
export function percentDone(done: number, total: number): number {
  if (total <= 0 || done >= total) return 100;
  return Math.min(99, Math.max(0, Math.floor((done / total) * 100)));
}

/** A bar of exactly `columns` columns. */
export function bar(done: number, total: number, columns: number): { readonly filled: string; readonly rest: string } {
  const share = total <= 0 ? 1 : Math.min(1, Math.max(0, done / total));
  // Full only when everything is done, begun as soon as something is.
  const cells = share === 1 ? columns : Math.min(columns - 1, Math.max(share > 0 ? 1 : 0, Math.floor(share * columns)));
  return { filled: '█'.repeat(Math.max(0, cells)), rest: '░'.repeat(columns - Math.max(0, cells)) };
}

/** `2026-03-02 08:15` (with `seconds`: `08:15:30`) in an IANA zone; what is no time is shown as it is. */
export function localTime(utc: string, timeZone: string, seconds = false): string {
  const ms = Date.parse(utc);
  if (Number.isNaN(ms)) return utc;
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    ...(seconds ? { second: '2-digit' } : {}),
  });
  return format.format(ms);
}
