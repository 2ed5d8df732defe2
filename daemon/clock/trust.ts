/**
 * Can the dock's own clock be believed, and by how much? A Pi has no clock battery and boots in the past: until something
 * vouches for its time, no camera is set by it (I6) and every entry says so.
 *
 * The judgement is pure; what the machine says is gathered in `trust-evidence.ts`.
 */
import type { Config } from '../../config/schema.js';

export type TrustSource = Config['clock']['trust'][number];

export interface ClockTrust {
  readonly trusted: boolean;
  readonly source: TrustSource | 'none';
  /** Estimated error of the dock's clock, ms; null: unknown. */
  readonly errorMs: number | null;
  /** What was seen, for people. */
  readonly detail: string;
}

/** What the machine says about its time. Null: that source is not there, or says nothing. */
export interface TrustEvidence {
  /** When systemd-timesyncd last synchronised in this boot, wall clock, ms. */
  readonly timesyncdAtMs: number | null;
  /** One line of `chronyc -c tracking`. */
  readonly chronyTracking: string | null;
  /** The battery-backed clock: what it shows, ms, and when the system time was last known to be right. */
  readonly rtc: { readonly nowMs: number; readonly disciplinedAtMs: number | null } | null;
}

/** What a Pi's crystal drifts between two synchronisations at most: parts per million. */
const crystalPpm = 50;
/** A network synchronisation over an office's network is good to this, ms. */
const syncErrorMs = 100;
/** RTC time comes in whole seconds. */
const rtcStepMs = 1_000;

function judge(source: TrustSource, evidence: TrustEvidence, config: Config['clock'], wallMs: number): ClockTrust {
  const no = (detail: string): ClockTrust => ({ trusted: false, source: 'none', errorMs: null, detail });
  const within = (errorMs: number, detail: string): ClockTrust => ({
    trusted: errorMs <= config.maxErrorMs,
    source,
    errorMs: Math.ceil(errorMs),
    detail,
  });
  switch (source) {
    case 'operator':
      return { trusted: true, source, errorMs: null, detail: 'operator: the configuration vouches for the clock' };
    case 'timesyncd': {
      if (evidence.timesyncdAtMs === null) return no('timesyncd: not synchronised since boot');
      const ageMs = Math.max(0, wallMs - evidence.timesyncdAtMs);
      return within(
        syncErrorMs + (ageMs * crystalPpm) / 1e6,
        `timesyncd: synchronised ${Math.round(ageMs / 1000)} s ago`,
      );
    }
    case 'chrony': {
      if (evidence.chronyTracking === null) return no('chrony: no answer');
      const errorMs = chronyErrorMs(evidence.chronyTracking);
      return errorMs === null ? no('chrony: not synchronised') : within(errorMs, 'chrony: synchronised');
    }
    case 'rtc': {
      if (evidence.rtc === null) return no('rtc: none');
      if (evidence.rtc.disciplinedAtMs === null) return no('rtc: never disciplined by this dock');
      const ageMs = wallMs - evidence.rtc.disciplinedAtMs;
      if (ageMs < 0) return no('rtc: behind the time at which it was last disciplined');
      if (ageMs > config.rtcTrustHours * 3_600_000)
        return no(`rtc: disciplined ${Math.round(ageMs / 3_600_000)} h ago`);
      const differenceMs = Math.abs(evidence.rtc.nowMs - wallMs);
      return within(
        Math.max(0, differenceMs - rtcStepMs) + rtcStepMs + (ageMs * config.rtcDriftPpm) / 1e6,
        `rtc: disciplined ${Math.round(ageMs / 3_600_000)} h ago`,
      );
    }
  }
}

/** The first source of the configured order that makes the clock trusted; else what each of them said. Pure. */
export function judgeClock(evidence: TrustEvidence, config: Config['clock'], wallMs: number): ClockTrust {
  const judgements = config.trust.map((source) => judge(source, evidence, config, wallMs));
  const trusted = judgements.find((judgement) => judgement.trusted);
  if (trusted !== undefined) return trusted;
  const best = judgements.find((judgement) => judgement.errorMs !== null);
  return {
    trusted: false,
    source: 'none',
    errorMs: best?.errorMs ?? null,
    detail: judgements.map((judgement) => judgement.detail).join('; '),
  };
}

/**
 * Bound on the error from `chronyc -c tracking` (chronyc(1)): |system offset| + root dispersion + half the root delay, ms.
 * Null when chrony is not synchronised or the line is not one.
 */
export function chronyErrorMs(line: string): number | null {
  const field = line.trim().split(',');
  if (field.length !== 14 || field[13] === 'Not synchronised') return null;
  const [systemS, delayS, dispersionS] = [Number(field[4]), Number(field[10]), Number(field[11])];
  if (![systemS, delayS, dispersionS].every(Number.isFinite)) return null;
  return (Math.abs(systemS) + delayS / 2 + dispersionS) * 1000;
}
