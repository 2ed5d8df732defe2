/** One simulated camera: a card that is a real folder, data pins that say what they are told, and the truth about both. */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Volume } from '../../drivers/contract/camera.js';
import type { Clock } from '../../drivers/contract/clock.js';
import { folderVolume } from '../../drivers/media/volumes.js';
import { CradleCamera, type CradleCameraOptions } from '../../drivers/simulated/cradle-camera.js';
import { type Footage, keyOf } from './footage.js';

/** A setting of the camera's clock, as the camera saw it. */
export interface ClockSetting {
  readonly atMs: number;
  readonly toMs: number;
}

/** Pins that remember who set their clock. */
class WatchedPins extends CradleCamera {
  readonly settings: ClockSetting[] = [];
  readonly #now: Clock;

  constructor(clock: Clock, options: CradleCameraOptions) {
    super(clock, options);
    this.#now = clock;
  }

  override setClock(toMs: number): boolean {
    const set = super.setClock(toMs);
    if (set) this.settings.push({ atMs: this.#now.monotonicMs(), toMs });
    return set;
  }
}

export interface CameraTemper {
  readonly name: string;
  readonly serial: string;
  readonly user: string;
  readonly registered: boolean;
  readonly quarantined: boolean;
  /** Its volume is mounted read-only, as evidence is. */
  readonly readOnly: boolean;
  /** What each read of its card takes at first, ms. */
  readonly readMs: number;
  readonly pins: Omit<CradleCameraOptions, 'serial'>;
}

export interface Place {
  readonly slot: number;
  readonly port: string;
}

/** Bytes `from` … `to` of a recording that cannot be read. */
export interface BadRange {
  readonly from: number;
  readonly to: number;
}

export class SimCamera {
  readonly temper: CameraTemper;
  readonly pins: WatchedPins;
  /** What is on the card now, and everything that ever was, by key. */
  readonly now = new Map<string, Footage>();
  readonly ever = new Map<string, Footage>();
  /** What a look at each file showed after the camera itself had last touched it, by raw path (latin1). */
  readonly looks = new Map<string, string>();
  /** Places that cannot be read, by raw path (latin1); `always` as long as they are set, once they were they count for ever. */
  readonly bad = new Map<string, readonly BadRange[]>();
  readonly everBad = new Map<string, BadRange[]>();
  /** What each read of its card takes, ms: while one copy goes on others begin, wait and are pulled out. */
  readMs: number;
  /** Reads that fail although the place is good. */
  flakyReads = 0;
  stalled = false;
  /** Something happened in this docking after which only taking it out and in helps. */
  spoilt = false;
  place: Place | undefined;
  volume: Volume | undefined;
  dockedMs = 0;
  /** When something last went wrong with it that it gets over by itself. */
  troubledMs = 0;
  readonly #clock: Clock;
  readonly #shelf: string;
  readonly #media: string;
  #wake: (() => void)[] = [];

  constructor(clock: Clock, temper: CameraTemper, shelf: string, media: string) {
    this.temper = temper;
    this.readMs = temper.readMs;
    this.#clock = clock;
    this.pins = new WatchedPins(clock, { ...temper.pins, serial: temper.serial });
    this.#shelf = join(shelf, temper.name);
    this.#media = media;
    mkdirSync(this.#shelf, { recursive: true });
  }

  get name(): string {
    return this.temper.name;
  }

  get id(): string {
    return this.temper.serial;
  }

  get card(): string {
    return this.place === undefined ? this.#shelf : join(this.#media, this.place.port);
  }

  /** The camera writes: only while it is out, or, as cameras do that go on recording, under the reader's eyes. */
  record(footage: Footage): void {
    const full = this.#full(footage.path);
    mkdirSync(Buffer.from(dirname(full.toString('latin1')), 'latin1'), { recursive: true });
    writeFileSync(full, footage.bytes);
    utimesSync(full, footage.modifiedMs / 1_000, footage.modifiedMs / 1_000);
    for (const [key, old] of this.now) if (old.path.equals(footage.path)) this.now.delete(key);
    this.now.set(keyOf(footage), footage);
    this.ever.set(keyOf(footage), footage);
    this.looks.set(footage.path.toString('latin1'), this.#look(footage.path));
    this.pins.freeBytes -= footage.bytes.length;
  }

  /** The camera makes room for itself, as with loop recording; or the dock has erased it. */
  forget(footage: Footage, itself: boolean): void {
    if (itself) unlinkSync(this.#full(footage.path));
    this.now.delete(keyOf(footage));
    this.looks.delete(footage.path.toString('latin1'));
    this.pins.freeBytes += footage.bytes.length;
  }

  /** A new mount each time: the content moves into a new folder, so that its identity differs as that of a mount does. */
  async appear(place: Place): Promise<void> {
    const target = join(this.#media, place.port);
    mkdirSync(target);
    for (const name of readdirSync(this.#shelf, { encoding: 'buffer' })) {
      renameSync(
        Buffer.concat([Buffer.from(`${this.#shelf}/`), name]),
        Buffer.concat([Buffer.from(`${target}/`), name]),
      );
    }
    rmdirSync(this.#shelf);
    this.place = place;
    this.volume = { ...(await folderVolume(place.port, target)), readOnly: this.temper.readOnly };
  }

  /** The card vanishes in one step, whatever is being read of it. */
  vanish(): void {
    const { place } = this;
    if (place === undefined) return;
    renameSync(join(this.#media, place.port), this.#shelf);
    this.place = undefined;
    this.volume = undefined;
    this.stalled = false;
    this.wake();
  }

  setBad(path: Buffer, ranges: readonly BadRange[]): void {
    const key = path.toString('latin1');
    this.bad.set(key, ranges);
    this.everBad.set(key, [...(this.everBad.get(key) ?? []), ...ranges]);
  }

  /** Resolves when it answers, or was taken out. */
  async answering(): Promise<void> {
    const { readMs } = this;
    if (readMs > 0) await new Promise<void>((resolve) => this.#clock.timer('card read', readMs, resolve));
    while (this.stalled) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  wake(): void {
    for (const resolve of this.#wake.splice(0)) resolve();
  }

  #full(path: Buffer): Buffer {
    return Buffer.concat([Buffer.from(`${this.card}/`), path]);
  }

  /** A look at every file that is on the card now, by raw path (latin1). */
  tree(): Map<string, string> {
    const seen = new Map<string, string>();
    const visit = (relative: Buffer): void => {
      for (const entry of readdirSync(this.#full(relative), { encoding: 'buffer', withFileTypes: true })) {
        const path = relative.length === 0 ? entry.name : Buffer.concat([relative, Buffer.from('/'), entry.name]);
        if (entry.isDirectory()) visit(path);
        else seen.set(path.toString('latin1'), this.#look(path));
      }
    };
    visit(Buffer.alloc(0));
    return seen;
  }

  /** Changes with content, size, mode, times and inode; not with being read. */
  #look(path: Buffer): string {
    const { mode, size, mtimeNs, ctimeNs, ino, nlink } = lstatSync(this.#full(path), { bigint: true });
    return `${mode} ${size} ${mtimeNs} ${ctimeNs} ${ino} ${nlink}`;
  }
}
