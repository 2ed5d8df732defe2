/**
 * Asking the archive's disk, which may hang.
 *
 * Answerable for: nobody waits for it for ever (I8); and a disk that hangs is asked nothing more until it has answered, for each call
 * that hangs keeps a thread of the pool which ledger and cameras need too.
 */
import { type Clock, within } from '../../drivers/contract/clock.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import { onArchive } from './faults.js';

/** Longest wait for one answer, ms. Above the 30 s after which the kernel resets a disk. */
const deadlineMs = 45_000;

export class DiskAnswers {
  readonly #clock: Clock;
  #overdue = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What `ask` comes to, its errors translated. DOCK_ARCHIVE_STALLED when it does not in time, or an earlier one still has not. */
  async to<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#overdue > 0) throw archiveStalled(deadlineMs);
    const asked = ask();
    const late = (): DockError => {
      this.#overdue += 1;
      const answered = (): void => {
        this.#overdue -= 1;
      };
      asked.then(answered, answered);
      return archiveStalled(deadlineMs);
    };
    return within(this.#clock, 'archive.answer', deadlineMs, onArchive(asked), late);
  }
}

export function archiveStalled(withinMs: number): DockError {
  return new DockError('DOCK_ARCHIVE_STALLED', {
    expected: phrase`an answer of the archive disk within ${withinMs / 1000} s`,
    found: phrase`none`,
    todo: phrase`Check the archive disk for errors (journalctl -k, smartctl)`,
    retry: 'now',
  });
}
