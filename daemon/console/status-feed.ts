/**
 * The state of the dock to everybody who watches it: newline-delimited JSON, at most five a second, and at least every five
 * seconds.
 *
 * It is a state, not a history: whoever reads slowly gets fewer and newer ones, and is dropped when nothing is read for long.
 * At most one state is kept for a reader, so that no reader can make the daemon grow.
 */
import type { ServerResponse } from 'node:http';
import type { Clock, Timer } from '../../drivers/contract/clock.js';
import type { DockView } from './view.js';
import { streamPauseMs, streamRepeatMs } from './wire.js';

/** A reader that took nothing for so long is gone or stuck, ms. */
const slowReaderMs = 10_000;
/** Fewer than the connections of the socket, so that watchers cannot keep a technician's command out. */
export const mostReaders = 8;

export class StatusFeed {
  readonly #view: DockView;
  readonly #clock: Clock;
  readonly #onDropped: () => void;
  /** Readers, and since when each has been full; null: it takes more. */
  readonly #readers = new Map<ServerResponse, { fullSinceMs: number | null }>();
  #timer: Timer | undefined;
  #unsubscribe: (() => void) | undefined;
  #changed = false;
  #sentAtMs = Number.NEGATIVE_INFINITY;

  constructor(view: DockView, clock: Clock, onDropped: () => void) {
    this.#view = view;
    this.#clock = clock;
    this.#onDropped = onDropped;
  }

  get full(): boolean {
    return this.#readers.size >= mostReaders;
  }

  /** From now on `response` gets the state, until it is closed. */
  add(response: ServerResponse): void {
    const reader: { fullSinceMs: number | null } = { fullSinceMs: null };
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    response.on('drain', () => {
      reader.fullSinceMs = null;
    });
    response.once('close', () => this.#remove(response));
    this.#readers.set(response, reader);
    this.#unsubscribe ??= this.#view.onStatus(() => {
      this.#changed = true;
      if (this.#clock.monotonicMs() - this.#sentAtMs >= streamPauseMs) this.#send();
    });
    this.#write(response, reader, this.#text());
    this.#timer ??= this.#tick();
  }

  /** Ends all streams. */
  close(): void {
    for (const response of this.#readers.keys()) {
      response.end();
      this.#remove(response);
    }
  }

  #remove(response: ServerResponse): void {
    this.#readers.delete(response);
    if (this.#readers.size > 0) return;
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** While somebody watches: what changed too soon after the last one, the repetition, and the slow readers. */
  #tick(): Timer {
    return this.#clock.timer('console.stream', streamPauseMs, () => {
      this.#timer = undefined;
      const nowMs = this.#clock.monotonicMs();
      if (this.#changed || nowMs - this.#sentAtMs >= streamRepeatMs) this.#send();
      for (const [response, { fullSinceMs }] of this.#readers) {
        if (fullSinceMs === null || nowMs - fullSinceMs < slowReaderMs) continue;
        this.#onDropped();
        response.destroy();
        this.#remove(response);
      }
      if (this.#readers.size > 0) this.#timer = this.#tick();
    });
  }

  #send(): void {
    const text = this.#text();
    for (const [response, reader] of this.#readers) {
      if (reader.fullSinceMs === null) this.#write(response, reader, text);
    }
  }

  #text(): string {
    this.#changed = false;
    this.#sentAtMs = this.#clock.monotonicMs();
    return `${JSON.stringify(this.#view.status())}\n`;
  }

  #write(response: ServerResponse, reader: { fullSinceMs: number | null }, text: string): void {
    if (!response.write(text)) reader.fullSinceMs = this.#clock.monotonicMs();
  }
}
