/**
 * One stay of one camera in one bay: what is done with it, step by step, and what is entered about it.
 *
 * The steps do; `lifecycle.ts` decides which comes next. A step that meets a camera's trouble says so in an entry and goes on where that is
 * safe: footage comes first, and a battery that cannot be read is no reason to leave recordings on a card.
 */
import type { Config } from '../../config/schema.js';
import type { Battery, CameraFamily, CameraSession, Sighting, Storage } from '../../drivers/contract/camera.js';
import type { Clock } from '../../drivers/contract/clock.js';
import { DockError } from '../../drivers/contract/error.js';
import type { ClockCorrection } from '../clock/correction.js';
import type { DockTime } from '../clock/dock-time.js';
import type { ClockOffset } from '../clock/measure.js';
import type { DockingRow, Ledger } from '../custody/ledger.js';
import { type Language, say } from '../language/messages.js';
import type { Offload, OffloadProgress, OffloadSummary } from '../offload/offload.js';
import type { Log } from '../runtime/log.js';
import type { ProgressBoard } from '../runtime/progress.js';
import { CameraClockCheck, entryOffset } from './camera-clock.js';
import type { CameraClaims } from './claims.js';
import { chooseFamily } from './family.js';
import { broughtBy, departed, leftUnseen } from './handover.js';
import type { BayStateName } from './lifecycle.js';
import { type Reason, readinessReasons, recordingMinutes } from './readiness.js';

/** What the bays of a dock share. */
export interface BayServices {
  readonly clock: Clock;
  readonly log: Log;
  readonly ledger: Ledger;
  readonly dockTime: DockTime;
  readonly families: readonly CameraFamily[];
  readonly offload: Offload;
  readonly claims: CameraClaims;
  readonly board: ProgressBoard;
  /** The configuration in force now. */
  readonly config: () => Config;
}

/** A camera that stays for days drifts: its clock is looked at again this often. */
const clockAgainMs = 3_600_000;

export class Docking {
  readonly id: string;
  readonly arrivedUtc: string;
  readonly #bay: string;
  readonly #priority: () => boolean;
  readonly #services: BayServices;
  #session: CameraSession | undefined;
  #sighting: Sighting = {};
  /** Entered as docked or refused: only then does leaving close something. */
  #entered: 'no' | 'docked' | 'refused';
  /** The docking that the ledger has open, until the camera has said that it is the one. */
  #resumed: DockingRow | undefined;
  camera: string | null = null;
  #battery: Battery | undefined;
  #storage: Storage | undefined;
  #faults: readonly string[] | undefined;
  #offset: ClockOffset | undefined;
  #offsetAtMs = 0;
  /** The dock's time was trusted when the camera's clock was last looked at. */
  #offsetTrusted = false;
  #correction: ClockCorrection | null = null;
  #summary: OffloadSummary | undefined;
  #judgedAs: string | undefined;
  #verdict: 'ready' | 'not-ready' | 'none' = 'none';
  /** Of the last offload in this docking: what is safe stays safe when the camera is pulled out. */
  #progress: OffloadProgress | undefined;
  #copying = false;

  /** `resumed`: the docking that the ledger has open for this bay, when the daemon comes back to a camera that never left. */
  constructor(services: BayServices, bay: string, priority: () => boolean, resumed?: DockingRow) {
    this.#services = services;
    this.#bay = bay;
    this.#priority = priority;
    this.#resumed = resumed;
    this.arrivedUtc = resumed?.arrivedUtc ?? new Date(services.clock.wallMs()).toISOString();
    this.id = resumed?.docking ?? `${bay}@${this.arrivedUtc}`;
    this.#entered = resumed === undefined ? 'no' : 'docked';
    this.camera = resumed?.camera ?? null;
  }

  get battery(): Battery | undefined {
    return this.#battery;
  }

  /** Of the offload that is going on. */
  get progress(): OffloadProgress | null {
    return this.#copying ? (this.#progress ?? null) : null;
  }

  get clockOffset(): ClockOffset | undefined {
    return this.#offset;
  }

  get verdict(): 'ready' | 'not-ready' | 'none' {
    return this.#verdict;
  }

  get recordingMinutes(): number | null {
    return this.#storage === undefined ? null : recordingMinutes(this.#storage, this.#bytesPerMinute());
  }

  /** The officer the camera is assigned to; null: pooled, or not registered. */
  get officer(): string | null {
    return this.#registered()?.officer ?? null;
  }

  /** Finds out which camera this is and enters that it was docked. Throws what refuses it. */
  async identify(sighting: Sighting, signal: AbortSignal): Promise<void> {
    const { families, claims, ledger, log } = this.#services;
    await this.letGo();
    this.#sighting = sighting;
    const family = chooseFamily(families, sighting);
    const session = await family.open(sighting, signal);
    this.#session = session;
    const { identity } = session;
    if (this.camera !== null && this.camera !== identity.id) {
      throw new DockError('DOCK_CAMERA_CHANGED_IDENTITY', {
        expected: this.camera,
        found: identity.id,
        todo: 'Take the camera out and put it back',
        retry: 'after-redocking',
      });
    }
    const registered = this.#services.config().cameras.find(({ id }) => id === identity.id);
    if (registered === undefined) {
      throw new DockError('DOCK_CAMERA_NOT_REGISTERED', {
        expected: 'a camera of the register',
        found: identity.id,
        todo: 'Enter the camera in the register (cameras: in the configuration), or take it out',
        retry: 'after-redocking',
      });
    }
    claims.claim(identity.id, this.#bay);
    this.#resumed = undefined;
    this.camera = identity.id;
    if (this.#entered === 'docked') return;
    const custody = await ledger.camera(identity.id);
    await ledger.append({
      kind: 'camera.docked',
      body: {
        bay: this.#bay,
        docking: this.id,
        camera: identity.id,
        family: family.name,
        identifiedBy: identity.source,
        arrivedUtc: this.arrivedUtc,
        broughtBy: broughtBy(registered.officer, identity.userNumber),
        outSinceUtc: custody?.lastUndockedUtc ?? null,
      },
    });
    this.#entered = 'docked';
    log.info('camera.docked', {
      ...this.#place(),
      family: family.name,
      officer: registered.officer ?? custody?.holder ?? '—',
    });
  }

  /** Enters that this camera is not taken in here. */
  async enterRefusal(error: DockError): Promise<void> {
    const { ledger, log } = this.#services;
    const claimed = this.#session?.identity.id ?? null;
    log.warn('camera.refused', { ...this.#place(), claimed: claimed ?? '?' }, error);
    // Once a docking: a volume that comes and goes must not fill the ledger. A camera that was taken in stays docked.
    if (this.#entered !== 'no') return;
    await ledger.append({
      kind: 'camera.refused',
      body: {
        bay: this.#bay,
        docking: this.id,
        claimed,
        arrivedUtc: this.arrivedUtc,
        code: error.code,
        found: error.found,
      },
    });
    this.#entered = 'refused';
  }

  /** Battery, storage, faults; the clock measured before anything is set, then set, then measured again. */
  async inspect(signal: AbortSignal): Promise<void> {
    const { ledger, log } = this.#services;
    const { session, camera } = this.#known();
    await this.#readVitals(session);
    signal.throwIfAborted();
    const custody = await ledger.camera(camera);
    const cameraClock = this.#cameraClock(session, camera, signal);
    const measured = await cameraClock.measure();
    this.#correction = cameraClock.correction(measured, custody);
    const volume = this.#sighting.volume;
    await ledger.append({
      kind: 'camera.inspected',
      body: {
        bay: this.#bay,
        docking: this.id,
        camera,
        batteryPercent: this.#battery?.percent ?? null,
        storage: this.#storage ?? null,
        faults: this.#faults === undefined ? null : [...this.#faults],
        clock: measured.offset === undefined ? null : entryOffset(measured.offset),
        volume:
          volume === undefined
            ? null
            : { fileSystem: volume.fileSystem, uuid: volume.uuid ?? null, readOnly: volume.readOnly },
      },
    });
    log.info('camera.inspected', {
      ...this.#place(),
      battery: this.#battery?.percent ?? '?',
      minutes: this.recordingMinutes ?? '?',
      offsetS: measured.offset === undefined ? '?' : (measured.offset.offsetMs / 1000).toFixed(3),
    });
    if (volume !== undefined && !volume.readOnly) log.debug('camera.volume-writable', this.#place());
    this.#keepOffset(await cameraClock.set(measured, custody));
  }

  async offload(signal: AbortSignal, onProgress: () => void): Promise<void> {
    const { offload } = this.#services;
    const { session, camera } = this.#known();
    this.#summary = undefined;
    const summary = await offload.run(
      this.#request(session, camera),
      (now) => {
        this.#progress = now;
        this.#copying = true;
        onProgress();
      },
      signal,
    );
    this.#summary = summary;
    this.#copying = false;
  }

  async clear(signal: AbortSignal): Promise<void> {
    const { offload, log } = this.#services;
    const { session, camera } = this.#known();
    const { erased } = await offload.clear(this.#request(session, camera), signal);
    if (erased > 0) log.info('camera.cleared', { ...this.#place(), erased });
  }

  /** The M7 verdict now; entered whenever it differs from the one before. */
  async judge(signal: AbortSignal): Promise<{ reasons: readonly Reason[]; charging: boolean; retriable: boolean }> {
    const { ledger, log, config } = this.#services;
    const { session, camera } = this.#known();
    await this.#readVitals(session);
    if (this.#clockDue()) {
      const cameraClock = this.#cameraClock(session, camera, signal);
      this.#keepOffset(await cameraClock.set(await cameraClock.measure(), await ledger.camera(camera)));
    }
    signal.throwIfAborted();
    const failed = this.#summary?.failed ?? [];
    const reasons = readinessReasons(
      {
        battery: this.#battery,
        storage: this.#storage,
        faults: this.#faults,
        clock: this.#offset,
        // What could not even be listed may hold recordings: it counts against the camera like one that failed.
        unsafeRecordings: failed.length + (this.#summary?.unread ?? 0),
        bytesPerMinute: this.#bytesPerMinute(),
        quarantined: this.#registered()?.quarantined ?? false,
      },
      config().readiness,
    );
    const verdict = reasons.map(({ reason }) => reason).join(' ');
    if (verdict !== this.#judgedAs) {
      const place = { bay: this.#bay, docking: this.id, camera };
      if (reasons.length === 0) {
        await ledger.append({
          kind: 'camera.ready',
          body: { ...place, batteryPercent: this.#battery?.percent ?? null, recordingMinutes: this.recordingMinutes },
        });
        log.info('camera.ready', { ...this.#place(), battery: this.#battery?.percent ?? '?' });
      } else {
        await ledger.append({ kind: 'camera.not-ready', body: { ...place, reasons: [...reasons] } });
        log.warn('camera.not-ready', {
          ...this.#place(),
          reasons: reasons.map((reason) => inWords(reason, config().dock.language)).join('; '),
        });
      }
      this.#judgedAs = verdict;
      this.#verdict = reasons.length === 0 ? 'ready' : 'not-ready';
    }
    return {
      reasons,
      charging: this.#battery?.charging ?? false,
      retriable: failed.some(({ error }) => error.retry === 'now'),
    };
  }

  /** Enters that the camera was taken, with how many of its recordings are safe. */
  async enterUndocking(during: BayStateName): Promise<void> {
    const { ledger, log, claims } = this.#services;
    claims.release(this.#bay);
    if (this.#resumed !== undefined) {
      // Nobody knows that the camera which is gone now was the one of this docking.
      log.info('bay.closed-after-restart', { bay: this.#bay, camera: this.camera });
      await ledger.append(leftUnseen(this.#resumed));
      return;
    }
    const { safe, of } = this.#safety();
    log.info(safe < of ? 'camera.removed-early' : 'camera.undocked', { ...this.#place(), safe, of });
    await ledger.append(
      departed({
        bay: this.#bay,
        docking: this.id,
        camera: this.#entered === 'docked' ? this.camera : null,
        during,
        verdict: this.#verdict,
        safe,
        of,
        assigned: this.officer,
      }),
    );
  }

  /** Closes the session; the camera stays where it is. */
  async letGo(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#copying = false;
    await session?.close();
  }

  #known(): { session: CameraSession; camera: string } {
    if (this.#session === undefined || this.camera === null) throw new Error('a step before identification');
    return { session: this.#session, camera: this.camera };
  }

  #registered(): Config['cameras'][number] | undefined {
    return this.#services.config().cameras.find(({ id }) => id === this.camera);
  }

  #cameraClock(session: CameraSession, camera: string, signal: AbortSignal): CameraClockCheck {
    return new CameraClockCheck(this.#services, { bay: this.#bay, docking: this.id, camera }, session.clock, signal);
  }

  /** It drifted, or there is trusted time now to hold it against and there was none before. */
  #clockDue(): boolean {
    const { clock, dockTime } = this.#services;
    if (this.#offset === undefined) return dockTime.trust.trusted && !this.#offsetTrusted;
    return clock.monotonicMs() - this.#offsetAtMs > clockAgainMs;
  }

  #keepOffset(offset: ClockOffset | undefined): void {
    this.#offset = offset;
    this.#offsetAtMs = this.#services.clock.monotonicMs();
    this.#offsetTrusted = this.#services.dockTime.trust.trusted;
  }

  #bytesPerMinute(): number {
    return this.#registered()?.bytesPerMinute ?? this.#services.config().readiness.bytesPerMinute;
  }

  #place(): { bay: string; camera: string } {
    return { bay: this.#bay, camera: this.camera ?? '?' };
  }

  #request(session: CameraSession, camera: string) {
    return {
      bay: this.#bay,
      docking: this.id,
      camera,
      session,
      priority: this.#priority(),
      correction: this.#correction,
    };
  }

  #safety(): { safe: number; of: number } {
    if (this.#summary !== undefined) {
      const { found, failed, unread } = this.#summary;
      return { safe: found - failed.length, of: found + unread };
    }
    if (this.#progress === undefined) return { safe: 0, of: 0 };
    const { total, done } = this.#progress.recordings;
    return { safe: done, of: total };
  }

  async #readVitals(session: CameraSession): Promise<void> {
    this.#battery = await this.#told(session.battery);
    this.#storage = await this.#told(session.storage);
    this.#faults = await this.#told(session.faults);
  }

  /** What the camera tells, or undefined where it cannot; trouble is logged, and the readiness check names what is unknown. */
  async #told<T>(ask: (() => Promise<T>) | undefined): Promise<T | undefined> {
    if (ask === undefined) return undefined;
    try {
      return await ask();
    } catch (error) {
      this.#services.log.warn('camera.vital-unreadable', this.#place(), error);
      return undefined;
    }
  }
}

function inWords({ reason, found, wanted }: Reason, language: Language): string {
  return say(language, 'status.reason', { reason: say(language, `status.reason.${reason}`), found, wanted });
}
