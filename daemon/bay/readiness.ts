/** The M7 verdict: fit to go out again or not, with named reasons. Pure. */
import type { Battery, Storage } from '../../drivers/contract/camera.js';
import { type Phrase, phrase, verbatim } from '../../drivers/contract/phrase.js';

export const reasonNames = [
  'not-offloaded',
  'battery-low',
  'battery-unknown',
  'storage-low',
  'storage-unknown',
  'clock-wrong',
  'clock-unknown',
  'camera-fault',
  'faults-unknown',
  'quarantined',
] as const;
export type ReasonName = (typeof reasonNames)[number];

export interface Reason {
  readonly reason: ReasonName;
  /** With unit, language-neutral: `37 %`, `12 min`, `+97.2 s`. */
  readonly found: Phrase;
  readonly wanted: string;
}

export interface ReadinessThresholds {
  /** 0–100. */
  readonly batteryPercent: number;
  readonly recordingMinutes: number;
  /** Largest |camera − dock|, ms. */
  readonly clockErrorMs: number;
}

export interface ReadinessFacts {
  /** Undefined: this camera cannot tell. */
  readonly battery: Battery | undefined;
  readonly storage: Storage | undefined;
  /** `cannot-tell`: this camera has no self-test. Undefined: what it found is not known. */
  readonly faults: readonly string[] | 'cannot-tell' | undefined;
  /**
   * Camera minus dock after setting, ms, with its uncertainty. `set-blindly`: set in this docking by trusted time, which the camera has
   * confirmed and cannot show. Undefined: not known.
   */
  readonly clock: { readonly offsetMs: number; readonly uncertaintyMs: number } | 'set-blindly' | undefined;
  /** Recordings on the camera that are not safe in the archive. */
  readonly unsafeRecordings: number;
  /** How fast this camera fills its storage while recording, bytes per minute. */
  readonly bytesPerMinute: number;
  readonly quarantined: boolean;
}

export function recordingMinutes(storage: Storage, bytesPerMinute: number): number {
  return Math.floor(storage.freeBytes / bytesPerMinute);
}

/** Everything that speaks against taking this camera out, worst first; empty: ready. */
export function readinessReasons(facts: ReadinessFacts, wanted: ReadinessThresholds): readonly Reason[] {
  const reasons: Reason[] = [];
  if (facts.quarantined) reasons.push({ reason: 'quarantined', found: phrase`quarantined`, wanted: phrase`released` });
  if (facts.faults === undefined) {
    reasons.push({ reason: 'faults-unknown', found: verbatim('?'), wanted: phrase`no fault` });
  } else if (facts.faults !== 'cannot-tell' && facts.faults.length > 0) {
    reasons.push({ reason: 'camera-fault', found: verbatim(facts.faults.join(', ')), wanted: phrase`no fault` });
  }
  if (facts.unsafeRecordings > 0) {
    reasons.push({ reason: 'not-offloaded', found: verbatim(`${facts.unsafeRecordings}`), wanted: verbatim('0') });
  }
  if (facts.clock === undefined) {
    reasons.push({
      reason: 'clock-unknown',
      found: verbatim('?'),
      wanted: verbatim(`± ${wanted.clockErrorMs / 1000} s`),
    });
  } else if (
    facts.clock !== 'set-blindly' &&
    Math.abs(facts.clock.offsetMs) + facts.clock.uncertaintyMs > wanted.clockErrorMs
  ) {
    const sign = facts.clock.offsetMs < 0 ? '−' : '+';
    reasons.push({
      reason: 'clock-wrong',
      found: verbatim(`${sign}${(Math.abs(facts.clock.offsetMs) / 1000).toFixed(1)} s`),
      wanted: verbatim(`± ${wanted.clockErrorMs / 1000} s`),
    });
  }
  if (facts.storage === undefined) {
    reasons.push({ reason: 'storage-unknown', found: verbatim('?'), wanted: phrase`${wanted.recordingMinutes} min` });
  } else {
    const minutes = recordingMinutes(facts.storage, facts.bytesPerMinute);
    if (minutes < wanted.recordingMinutes) {
      reasons.push({
        reason: 'storage-low',
        found: phrase`${minutes} min`,
        wanted: phrase`${wanted.recordingMinutes} min`,
      });
    }
  }
  if (facts.battery === undefined) {
    reasons.push({ reason: 'battery-unknown', found: verbatim('?'), wanted: verbatim(`${wanted.batteryPercent} %`) });
  } else if (facts.battery.percent < wanted.batteryPercent) {
    reasons.push({
      reason: 'battery-low',
      found: verbatim(`${facts.battery.percent} %`),
      wanted: verbatim(`${wanted.batteryPercent} %`),
    });
  }
  return reasons;
}
