/** Watches one world and throws the first broken invariant. */
import type { CameraRecording, EraseProof } from '../../../drivers/contract/camera.js';
import type { SimCamera } from '../camera.js';
import type { Watch, World } from '../world.js';
import { ArchiveEye } from './archive.js';
import { CardEye } from './cards.js';
import { ClockEye } from './clocks.js';
import { LedgerEye } from './ledger.js';
import { LightEye } from './lights.js';
import { LivenessEye } from './liveness.js';
import { PlaceEye } from './places.js';
import { TextEye } from './texts.js';
import { assert, Violation } from './violation.js';

export class Judge implements Watch {
  readonly ledger: LedgerEye;
  readonly archive: ArchiveEye;
  readonly cards: CardEye;
  readonly liveness: LivenessEye;
  readonly lightEye: LightEye;
  readonly #places: PlaceEye;
  readonly #clocks: ClockEye;
  readonly #texts: TextEye;
  /** Found in the middle of something of the daemon's, where it cannot be thrown. */
  #found: unknown;
  /** How many entries the eyes have been told of, and how many were held against the world. */
  #noted = 0;
  #judged = 0;

  constructor(world: World) {
    this.ledger = new LedgerEye(world);
    this.archive = new ArchiveEye(world);
    this.cards = new CardEye(world, this.archive);
    this.liveness = new LivenessEye(world, this.archive);
    this.lightEye = new LightEye(world, this.archive);
    this.#places = new PlaceEye(world);
    this.#clocks = new ClockEye(world);
    this.#texts = new TextEye(world);
    world.watch = this;
  }

  lights(): void {
    this.#keep(() => {
      this.ledger.confirmed();
      this.#note();
      // A clock that was set wrongly is the cause where a green light is the effect.
      this.#clocks.look();
      this.lightEye.look();
    });
  }

  event(payload: Buffer): void {
    this.#keep(() => this.ledger.event(payload));
  }

  erasing(camera: SimCamera | undefined, recording: CameraRecording, proof: EraseProof): void {
    this.#keep(() => {
      this.ledger.confirmed();
      this.#note();
      this.cards.erasing(camera, recording, proof);
    });
  }

  /** The daemon was asked to stop, and did so in time or not. */
  stopped(inTime: boolean): void {
    this.#keep(() => assert('I8', inTime, () => 'the daemon did not stop in time'));
  }

  /** After each step, while everything is at rest. */
  async check(): Promise<void> {
    this.#throwFound();
    await this.ledger.look();
    this.ledger.events();
    this.#note();
    const fresh = this.ledger.entries.slice(this.#judged);
    this.#judged = this.ledger.entries.length;
    this.cards.look();
    this.cards.judge(fresh);
    this.archive.judge(fresh);
    this.archive.look();
    this.#places.judge(fresh);
    this.#clocks.look();
    this.#clocks.judge(fresh);
    this.#texts.look();
    this.#texts.judge(fresh);
    this.liveness.look();
    this.lights();
    this.#throwFound();
  }

  #note(): void {
    const fresh = this.ledger.entries.slice(this.#noted);
    this.#noted = this.ledger.entries.length;
    this.archive.note(fresh);
    this.lightEye.note(fresh);
  }

  #keep(look: () => void): void {
    try {
      look();
    } catch (error) {
      this.#found ??= error;
      if (!(error instanceof Violation)) throw error;
    }
  }

  #throwFound(): void {
    if (this.#found !== undefined) throw this.#found;
  }
}
