/**
 * Enters how an offload ended: what could not be offloaded, once per docking however often it is tried, and the totals whenever they are
 * news (decision 0049).
 */
import { createHash } from 'node:crypto';
import type { CameraRecording } from '../../drivers/contract/camera.js';
import type { DockError } from '../../drivers/contract/error.js';
import type { EntryBody, Fact } from '../custody/entry.js';
import { type Ledger, recordingKey } from '../custody/ledger.js';
import type { OffloadRequest } from './offload.js';
import { PerDocking } from './per-docking.js';
import { recordingRef } from './recording-entry.js';

export interface FailedRecording {
  readonly recording: CameraRecording;
  readonly error: DockError;
}

export type OffloadTotals = Omit<EntryBody<'camera.offloaded'>, 'bay' | 'docking' | 'camera' | 'failed'>;

/** Most entries of one docking: a card of 100,000 bad files is one fault, and `camera.offloaded` has the count. */
const mostEntries = 500;
const mostInOneAppend = 50;

interface Entered {
  /** Recordings that failed, each with the reason. */
  readonly failures: Set<string>;
  /** Totals and failures of the last end that was entered. */
  end: string | undefined;
}

export class EndEntries {
  readonly #ledger: Pick<Ledger, 'append'>;
  readonly #entered = new PerDocking<Entered>(() => ({ failures: new Set(), end: undefined }));

  constructor(ledger: Pick<Ledger, 'append'>) {
    this.#ledger = ledger;
  }

  async enter(
    { bay, docking, camera }: OffloadRequest,
    totals: OffloadTotals,
    failed: readonly FailedRecording[],
  ): Promise<void> {
    const entered = this.#entered.of(docking);
    const place = { bay, docking, camera };
    await this.#enterFailures(place, entered.failures, failed);
    const end = endText(totals, failed);
    // What offloaded anything says so, whatever the end before it said.
    if (totals.offloaded === 0 && end === entered.end) return;
    await this.#ledger.append({ kind: 'camera.offloaded', body: { ...place, ...totals, failed: failed.length } });
    entered.end = end;
  }

  async #enterFailures(
    place: { readonly bay: string; readonly docking: string; readonly camera: string },
    entered: Set<string>,
    failed: readonly FailedRecording[],
  ): Promise<void> {
    const facts: Fact[] = [];
    for (const { recording, error } of failed) {
      const key = failureText({ recording, error });
      // A full archive is not a fault of any recording: the total in `camera.offloaded` says how many are left.
      if (error.code === 'DOCK_ARCHIVE_FULL' || entered.has(key) || entered.size >= mostEntries) continue;
      entered.add(key);
      const body = { ...recordingRef(recording), ...place, code: error.code, found: error.found };
      facts.push({ kind: 'recording.failed', body });
    }
    for (let from = 0; from < facts.length; from += mostInOneAppend) {
      await this.#ledger.append(...facts.slice(from, from + mostInOneAppend));
    }
  }
}

function failureText({ recording, error }: FailedRecording): string {
  return `${recordingKey(recording)}|${error.code}`;
}

/** The same totals with other recordings, or for other reasons, are another end. Hashed: a card may hold 100,000 bad files. */
function endText(totals: OffloadTotals, failed: readonly FailedRecording[]): string {
  const hash = createHash('sha256').update(JSON.stringify(Object.entries(totals).sort()));
  for (const failure of failed.map(failureText).sort()) hash.update(`\n${failure}`);
  return hash.digest('hex');
}
