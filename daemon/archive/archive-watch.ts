/**
 * What is known of the archive now, for status and centre: looked at every few seconds, never waited for. A disk that hangs makes the
 * archive *gone*; whoever copies to it finds out for himself.
 */
import { type Clock, sleep, within } from '../../drivers/contract/clock.js';
import { DockError, messageOf } from '../../drivers/contract/error.js';
import type { Log } from '../runtime/log.js';
import type { ProgressBoard } from '../runtime/progress.js';
import type { Service } from '../runtime/service.js';
import { archiveStalled } from './answers.js';
import type { Archive, ArchiveLook, ArchiveStatus } from './archive.js';

const lookEveryMs = 5_000;
const lookDeadlineMs = 10_000;

export class ArchiveWatch implements Service {
  readonly name = 'archive';
  readonly stopWithinMs = 3_000;
  readonly #archive: Archive;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #board: ProgressBoard;
  readonly #onLook: () => void;
  readonly #stopping = new AbortController();
  #status: ArchiveStatus;
  #trouble: string | null = null;
  #watching: Promise<void> = Promise.resolve();

  constructor(archive: Archive, clock: Clock, log: Log, board: ProgressBoard, onLook: () => void) {
    this.#archive = archive;
    this.#clock = clock;
    this.#log = log;
    this.#board = board;
    this.#onLook = onLook;
    this.#status = this.#gone();
  }

  get status(): ArchiveStatus {
    return this.#status;
  }

  async start(): Promise<void> {
    // A dock without its archive still shows lights and custody; each offload says what is wrong.
    await this.#archive.ready().catch((error: unknown) => this.#tell(error));
    await this.#look();
    this.#watching = this.#watch();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the archive is not watched any more'));
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const progress = this.#board.watch('archive', 3 * (lookEveryMs + lookDeadlineMs));
    for (;;) {
      try {
        await sleep(this.#clock, 'archive.look', lookEveryMs, this.#stopping.signal);
      } catch {
        // Only the stop ends this sleep early.
        break;
      }
      await this.#look();
      progress.report();
    }
    progress.end();
  }

  async #look(): Promise<void> {
    const late = (): Error => archiveStalled(lookDeadlineMs);
    const look = await within(this.#clock, 'archive.look', lookDeadlineMs, this.#archive.look(), late).catch(
      (error: unknown): ArchiveLook => ({ status: this.#gone(), error }),
    );
    this.#status = look.status;
    this.#tell(look.error);
    this.#onLook();
  }

  /** Says what is wrong once, what else is wrong then, and that it is over. */
  #tell(error: unknown): void {
    const trouble = error === null ? null : error instanceof DockError ? error.code : messageOf(error);
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    if (trouble === null) this.#log.info('archive.recovered', {});
    else this.#log.error('archive.unusable', {}, error);
  }

  #gone(): ArchiveStatus {
    return { path: this.#archive.path, state: 'gone', freeBytes: 0, capacityBytes: 0 };
  }
}
