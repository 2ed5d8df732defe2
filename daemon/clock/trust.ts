/**
 * Can the dock's own clock be believed, and by how much? A Pi has no clock battery and boots in the past: until something
 * vouches for its time, no camera is set by it (I6) and every entry says so.
 *
 * The judgement is pure; what the machine says is gathered in `trust-evidence.ts`.
 */
import type { Config } from '../../config/schema.js';
import { type Phrase, phrase } from '../../drivers/contract/phrase.js';

export type TrustSource = Config['clock']['trust'][number];

export interface ClockTrust {
  readonly trusted: boolean;
  readonly source: TrustSource | 'none';
  /** Estimated error of the dock's clock, ms; null: unknown. */
  readonly errorMs: number | null;
  /** What was seen, for people. */
  readonly detail: Phrase;
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

/** What speaks against a stamp of the network. */
export interface StepsSeen {
  /** What the wall clock showed after its last step against the monotonic one, ms: only what is newer vouches for it. Null: it never stepped. */
  readonly steppedToMs: number | null;
  /** Stamps that vouch for nothing, whatever the clock shows by now, ms. */
  readonly worthless: readonly number[];
}

/** What a Pi's crystal drifts between two synchronisations at most: parts per million. */
const crystalPpm = 50;
/** A network synchronisation over an office's network is good to this, ms. */
const syncErrorMs = 100;
/** RTC time comes in whole seconds. */
const rtcStepMs = 1_000;

function judge(
  source: TrustSource,
  evidence: TrustEvidence,
  config: Config['clock'],
  wallMs: number,
  seen: StepsSeen,
): ClockTrust {
  const no = (detail: Phrase): ClockTrust => ({ trusted: false, source: 'none', errorMs: null, detail });
  const within = (errorMs: number, detail: Phrase): ClockTrust => ({
    trusted: errorMs <= config.maxErrorMs,
    source,
    errorMs: Math.ceil(errorMs),
    detail,
  });
  switch (source) {
    case 'operator':
      return {
        trusted: true,
        source,
        errorMs: null,
        detail: phrase`operator: the configuration vouches for the clock`,
      };
    case 'timesyncd': {
      if (evidence.timesyncdAtMs === null) return no(phrase`timesyncd: not synchronised since boot`);
      const ageMs = Math.max(0, wallMs - evidence.timesyncdAtMs);
      const doubt = doubtOf(evidence.timesyncdAtMs, wallMs, seen);
      if (doubt !== null) return no(phrase`timesyncd: ${doubt}`);
      return within(
        syncErrorMs + (ageMs * crystalPpm) / 1e6,
        phrase`timesyncd: synchronised ${Math.round(ageMs / 1000)} s ago`,
      );
    }
    case 'chrony': {
      if (evidence.chronyTracking === null) return no(phrase`chrony: no answer`);
      const tracking = chronyTracking(evidence.chronyTracking);
      if (tracking === null) return no(phrase`chrony: not synchronised`);
      const doubt = doubtOf(tracking.referenceMs, wallMs, seen);
      return doubt === null ? within(tracking.errorMs, phrase`chrony: synchronised`) : no(phrase`chrony: ${doubt}`);
    }
    case 'rtc': {
      if (evidence.rtc === null) return no(phrase`rtc: none`);
      if (evidence.rtc.disciplinedAtMs === null) return no(phrase`rtc: never disciplined by this dock`);
      const ageMs = wallMs - evidence.rtc.disciplinedAtMs;
      if (ageMs < 0) return no(phrase`rtc: behind the time at which it was last disciplined`);
      if (ageMs > config.rtcTrustHours * 3_600_000)
        return no(phrase`rtc: disciplined ${Math.round(ageMs / 3_600_000)} h ago`);
      const differenceMs = Math.abs(evidence.rtc.nowMs - wallMs);
      return within(
        Math.max(0, differenceMs - rtcStepMs) + rtcStepMs + (ageMs * config.rtcDriftPpm) / 1e6,
        phrase`rtc: disciplined ${Math.round(ageMs / 3_600_000)} h ago`,
      );
    }
  }
}

/** A stamp of the network may be ahead of us by this much: it is taken from the same clock, but rounded, ms. */
const stampSlackMs = 1_000;

/** Why a synchronisation does not vouch for the time now; null: it does. A step that nobody made good makes it worthless. */
function doubtOf(synchronisedMs: number, wallMs: number, { steppedToMs, worthless }: StepsSeen): Phrase | null {
  if (synchronisedMs > wallMs + stampSlackMs) return phrase`synchronised in the future: the clock was set back`;
  if (worthless.includes(synchronisedMs) || (steppedToMs !== null && synchronisedMs < steppedToMs - stampSlackMs))
    return phrase`not synchronised since the clock was set`;
  return null;
}

/** When the network last synchronised the clock, by each source that says so, wall clock, ms. */
export function stampsOf({ timesyncdAtMs, chronyTracking: line }: TrustEvidence): readonly number[] {
  const chronyMs = line === null ? undefined : chronyTracking(line)?.referenceMs;
  return [timesyncdAtMs ?? undefined, chronyMs].filter((stampMs) => stampMs !== undefined);
}

/**
 * The stamps that vouch for nothing any more: those ahead of the clock, and those that were there before it stepped. Once the clock, set back, has
 * come to such a stamp, it would pass for a new one. `known`: those of the look before; the network's next stamp ends it. Pure.
 */
export function worthlessOf(
  stamps: readonly number[],
  wallMs: number,
  known: readonly number[],
  beforeStep: readonly number[],
): readonly number[] {
  return stamps.filter(
    (stampMs) => stampMs > wallMs + stampSlackMs || known.includes(stampMs) || beforeStep.includes(stampMs),
  );
}

/** The first source of the configured order that makes the clock trusted; else what each of them said. Pure. */
export function judgeClock(
  evidence: TrustEvidence,
  config: Config['clock'],
  wallMs: number,
  seen: StepsSeen = { steppedToMs: null, worthless: [] },
): ClockTrust {
  const judgements = config.trust.map((source) => judge(source, evidence, config, wallMs, seen));
  const trusted = judgements.find((judgement) => judgement.trusted);
  if (trusted !== undefined) return trusted;
  const best = judgements.find((judgement) => judgement.errorMs !== null);
  return {
    trusted: false,
    source: 'none',
    errorMs: best?.errorMs ?? null,
    detail: judgements.map(({ detail }) => detail).reduce((all, one) => phrase`${all}; ${one}`),
  };
}

/**
 * From `chronyc -c tracking`: when chrony was last in step with its source, ms, and the bound on the error by chronyc(1),
 * |system offset| + root dispersion + half the root delay, ms. Null when it is not synchronised or the line is not one.
 */
export function chronyTracking(line: string): { readonly referenceMs: number; readonly errorMs: number } | null {
  const field = line.trim().split(',');
  if (field.length !== 14 || field[13] === 'Not synchronised') return null;
  const [referenceS, systemS, delayS, dispersionS] = [field[3], field[4], field[10], field[11]].map(Number);
  if (referenceS === undefined || systemS === undefined || delayS === undefined || dispersionS === undefined)
    return null;
  if (![referenceS, systemS, delayS, dispersionS].every(Number.isFinite)) return null;
  return { referenceMs: referenceS * 1000, errorMs: (Math.abs(systemS) + delayS / 2 + dispersionS) * 1000 };
}
