/** Enters what could not be offloaded, once per docking however often it is tried. */
import type { CameraRecording } from '../../drivers/contract/camera.js';
import type { DockError } from '../../drivers/contract/error.js';
import type { Fact } from '../custody/entry.js';
import { type Ledger, recordingKey } from '../custody/ledger.js';
import type { OffloadRequest } from './offload.js';
import { recordingRef } from './recording-entry.js';

export interface FailedRecording {
  readonly recording: CameraRecording;
  readonly error: DockError;
}

/** Most entries of one docking: a card of 100,000 bad files is one fault, and `camera.offloaded` has the count. */
const mostEntries = 500;
const mostInOneAppend = 50;
/** Dockings that are remembered; a dock has at most 1,024 bays. */
const rememberedDockings = 1_024;

export class FailureEntries {
  readonly #ledger: Pick<Ledger, 'append'>;
  readonly #entered = new Map<string, Set<string>>();

  constructor(ledger: Pick<Ledger, 'append'>) {
    this.#ledger = ledger;
  }

  async enter({ bay, docking, camera }: OffloadRequest, failures: readonly FailedRecording[]): Promise<void> {
    const entered = this.#of(docking);
    const facts: Fact[] = [];
    for (const { recording, error } of failures) {
      const key = `${recordingKey(recording)}|${error.code}`;
      // A full archive is not a fault of any recording: the total in `camera.offloaded` says how many are left.
      if (error.code === 'DOCK_ARCHIVE_FULL' || entered.has(key) || entered.size >= mostEntries) continue;
      entered.add(key);
      const body = { ...recordingRef(recording), bay, docking, camera, code: error.code, found: error.found };
      facts.push({ kind: 'recording.failed', body });
    }
    for (let from = 0; from < facts.length; from += mostInOneAppend) {
      await this.#ledger.append(...facts.slice(from, from + mostInOneAppend));
    }
  }

  #of(docking: string): Set<string> {
    const known = this.#entered.get(docking);
    if (known !== undefined) return known;
    const [oldest] = this.#entered.keys();
    if (oldest !== undefined && this.#entered.size >= rememberedDockings) this.#entered.delete(oldest);
    const entered = new Set<string>();
    this.#entered.set(docking, entered);
    return entered;
  }
}
