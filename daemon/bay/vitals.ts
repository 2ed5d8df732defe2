/**
 * Battery, storage and faults as a docked camera tells them, again and again. One lost answer is not news: what was told is believed for a
 * while. What stays unanswered becomes unknown, and the readiness check takes that as not fit.
 */
import { type Battery, type CameraSession, cannotTell, type Storage } from '../../drivers/contract/camera.js';
import type { Clock } from '../../drivers/contract/clock.js';
import { DockError } from '../../drivers/contract/error.js';

/** How long an answer counts when no newer one comes, ms. */
const believedMs = 30_000;

export class Vitals {
  readonly #battery: Vital<Battery>;
  readonly #storage: Vital<Storage>;
  readonly #faults: Vital<readonly string[]>;

  /** `onTrouble`: said once when a question is not answered any more. */
  constructor(clock: Clock, onTrouble: (error: unknown) => void) {
    this.#battery = new Vital(clock, onTrouble);
    this.#storage = new Vital(clock, onTrouble);
    this.#faults = new Vital(clock, onTrouble);
  }

  async read(session: CameraSession): Promise<void> {
    await this.#battery.ask(session.battery);
    await this.#storage.ask(session.storage);
    await this.#faults.ask(session.faults);
  }

  /** Undefined: not known. */
  get battery(): Battery | undefined {
    return this.#battery.value;
  }

  get storage(): Storage | undefined {
    return this.#storage.value;
  }

  /** `cannot-tell`: this camera has no self-test. Undefined: it has one, and it is not known what that found. */
  get faults(): readonly string[] | 'cannot-tell' | undefined {
    return this.#faults.cannotTell ? 'cannot-tell' : this.#faults.value;
  }
}

class Vital<T> {
  readonly #clock: Clock;
  readonly #onTrouble: (error: unknown) => void;
  #told: { readonly value: T; readonly atMs: number } | undefined;
  #troubled = false;
  cannotTell = false;

  constructor(clock: Clock, onTrouble: (error: unknown) => void) {
    this.#clock = clock;
    this.#onTrouble = onTrouble;
  }

  get value(): T | undefined {
    if (this.#told === undefined || this.#clock.monotonicMs() - this.#told.atMs > believedMs) return undefined;
    return this.#told.value;
  }

  async ask(question: (() => Promise<T>) | undefined): Promise<void> {
    if (question === undefined) {
      this.cannotTell = true;
      return;
    }
    try {
      this.#told = { value: await question(), atMs: this.#clock.monotonicMs() };
      this.cannotTell = false;
      this.#troubled = false;
    } catch (error) {
      this.cannotTell = error instanceof DockError && error.code === cannotTell;
      if (this.cannotTell || this.#troubled) return;
      this.#troubled = true;
      this.#onTrouble(error);
    }
  }
}
