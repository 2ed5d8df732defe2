/**
 * What of another look at a camera within the same docking is news: the rest the ledger has already (decision 0049). Pure.
 *
 * Always held against what was entered last, never against what was seen last: small steps that add up are entered in the end.
 */
import type { ClockOffset } from '../clock/measure.js';
import type { EntryBody } from '../custody/entry.js';

type Inspected = EntryBody<'camera.inspected'>;

/** A reading that wavers is no news; what charging adds up to is. Percent points. */
const batteryStepPercent = 10;
/** Logs and thumbnails of the camera's own come and go. Share of the capacity. */
const storageStep = 0.01;
/** A measurement that says the same again is entered once in this time: it is what drift is seen by. ms */
const clockAnewMs = 3_600_000;

/** What the ledger has of a camera's clock in this docking. */
export interface EnteredClock {
  /** Null: it could not be measured. */
  readonly measured: ClockOffset | null;
  /** Whether the dock's own time was trusted then. */
  readonly trusted: boolean;
  /** Monotonic, ms. */
  readonly atMs: number;
  /** Why it was left as it was, with the code of what kept it from being set; null: nothing is entered of that. */
  readonly left: string | null;
}

/** `now.left` null: not asked, as by an inspection, which enters only what was measured. */
export function clockIsNews(entered: EnteredClock | undefined, now: EnteredClock): boolean {
  if (entered === undefined || entered.trusted !== now.trusted) return true;
  if (now.left !== null && entered.left !== now.left) return true;
  if (entered.measured === null || now.measured === null) return entered.measured !== now.measured;
  const apartMs = Math.abs(entered.measured.offsetMs - now.measured.offsetMs);
  if (apartMs > entered.measured.uncertaintyMs + now.measured.uncertaintyMs) return true;
  return now.atMs - entered.atMs >= clockAnewMs;
}

/** All but the clock, which `clockIsNews` judges. */
export function inspectionIsNews(entered: Inspected, now: Inspected): boolean {
  return (
    batteryIsNews(entered.batteryPercent, now.batteryPercent) ||
    storageIsNews(entered.storage, now.storage) ||
    JSON.stringify(entered.faults) !== JSON.stringify(now.faults) ||
    volumeText(entered) !== volumeText(now)
  );
}

function batteryIsNews(entered: number | null, now: number | null): boolean {
  if (entered === null || now === null) return entered !== now;
  return Math.abs(entered - now) >= batteryStepPercent;
}

function storageIsNews(entered: Inspected['storage'], now: Inspected['storage']): boolean {
  if (entered === null || now === null) return entered !== now;
  if (entered.capacityBytes !== now.capacityBytes) return true;
  return Math.abs(entered.freeBytes - now.freeBytes) > storageStep * now.capacityBytes;
}

function volumeText({ volume }: Inspected): string {
  return volume === null ? '' : JSON.stringify([volume.fileSystem, volume.uuid, volume.readOnly]);
}
