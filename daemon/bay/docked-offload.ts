/** What became of the recordings of one camera in one stay: copied, safe, left behind. What is safe stays safe when it is pulled out. */
import type { Offload, OffloadProgress, OffloadRequest, OffloadSummary } from '../offload/offload.js';

export class DockedOffload {
  readonly #offload: Offload;
  #summary: OffloadSummary | undefined;
  #progress: OffloadProgress | undefined;
  #copying = false;
  /** The last clearing left recordings on the card only because the ledger was not checked yet. */
  #clearWaits = false;

  constructor(offload: Offload) {
    this.#offload = offload;
  }

  /** While it is going on. */
  get progress(): OffloadProgress | null {
    return this.#copying ? (this.#progress ?? null) : null;
  }

  async run(request: OffloadRequest, onProgress: () => void, signal: AbortSignal): Promise<void> {
    this.#summary = undefined;
    this.#summary = await this.#offload.run(
      request,
      (now) => {
        this.#progress = now;
        this.#copying = true;
        onProgress();
      },
      signal,
    );
    this.#copying = false;
  }

  /** Resolves to how many recordings were erased. */
  async clear(request: OffloadRequest, signal: AbortSignal): Promise<number> {
    const { erased, waiting } = await this.#offload.clear(request, signal);
    this.#clearWaits = waiting > 0;
    return erased;
  }

  /** What the last clearing had to leave can be erased now. */
  get clearDue(): boolean {
    return this.#clearWaits && this.#offload.mayErase();
  }

  /** The session is closed, whatever was under way. */
  stopped(): void {
    this.#copying = false;
  }

  /** Recordings that count against the camera: what could not even be listed may hold some, and counts like one that failed. */
  get unsafe(): number {
    return (this.#summary?.failed.length ?? 0) + (this.#summary?.unread ?? 0);
  }

  /** Some of what failed may succeed when it is tried again. */
  get retriable(): boolean {
    return this.#summary?.failed.some(({ error }) => error.retry === 'now') ?? false;
  }

  /** `of` null: nobody knows how many there are. */
  get safety(): { readonly safe: number; readonly of: number | null } {
    if (this.#summary !== undefined) {
      const { found, failed, unread } = this.#summary;
      return { safe: found - failed.length, of: found + unread };
    }
    if (this.#progress === undefined) return { safe: 0, of: null };
    const { total, done } = this.#progress.recordings;
    return { safe: done, of: total };
  }
}
