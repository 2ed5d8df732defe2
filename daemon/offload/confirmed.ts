/**
 * How far a copy has got of the recording that was listed. Bytes count only once the source was seen unchanged after they had been read: what was read
 * since may already be of something that was written in its place, and when the camera is pulled out then, nobody can ask any more.
 */
import type { Hash } from 'node:crypto';
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import { recordingChanged } from './faults.js';
import type { SourceIdentity } from './source-files.js';

/** The first bytes of a recording. */
export interface Beginning {
  readonly lengthBytes: number;
  /** State of the hash behind them. */
  readonly hash: Hash;
}

export class Confirmed {
  readonly #identity: () => Promise<SourceIdentity>;
  readonly #listed: SourceIdentity;
  /** Over a protocol every question costs the camera time: it is asked once for so many bytes. */
  readonly #everyBytes: number;
  #beginning: Beginning;
  #asking = false;
  #changed: DockError | undefined;

  constructor(
    identity: () => Promise<SourceIdentity>,
    listed: SourceIdentity,
    { lengthBytes, hash }: Beginning,
    everyBytes: number,
  ) {
    this.#identity = identity;
    this.#listed = listed;
    this.#beginning = { lengthBytes, hash: hash.copy() };
    this.#everyBytes = everyBytes;
  }

  get beginning(): Beginning {
    return this.#beginning;
  }

  /** So much was read. Asks without holding up the next reads, one question at a time; throws when an answer was that it is another recording by now. */
  read(lengthBytes: number, hash: Hash): void {
    if (this.#changed !== undefined) throw this.#changed;
    if (this.#asking || lengthBytes - this.#beginning.lengthBytes < this.#everyBytes) return;
    this.#asking = true;
    const beginning = { lengthBytes, hash: hash.copy() };
    this.#identity()
      .then((now) => {
        assertUnchanged(this.#listed, now);
        this.#beginning = beginning;
      })
      .catch((error: unknown) => {
        // A camera that does not answer confirms nothing; what it means for the copy the next read will say.
        if (error instanceof DockError && error.code === 'DOCK_RECORDING_CHANGED') this.#changed = error;
      })
      .finally(() => {
        this.#asking = false;
      });
  }
}

export function assertUnchanged(before: SourceIdentity, after: SourceIdentity): void {
  if (after.sizeBytes === before.sizeBytes && after.modifiedNs === before.modifiedNs) return;
  throw recordingChanged(
    phrase`${before.sizeBytes} bytes, unchanged while they are read`,
    phrase`${after.sizeBytes} bytes, written again meanwhile`,
  );
}
