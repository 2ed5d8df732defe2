/**
 * One stay of one camera in one bay: what is done with it, step by step, and what is entered about it.
 *
 * The steps do; `lifecycle.ts` decides which comes next. A step that meets a camera's trouble says so in an entry and goes on where that is
 * safe: footage comes first, and a battery that cannot be read is no reason to leave recordings on a card.
 */

import type { Config } from '../../config/schema.js';
import type { Battery, CameraAccount, CameraSession, Sighting } from '../../drivers/contract/camera.js';
import type { Charge } from '../../drivers/contract/cradle.js';
import type { DockError } from '../../drivers/contract/error.js';
import type { ClockCorrection } from '../clock/correction.js';
import type { ClockOffset } from '../clock/measure.js';
import type { EntryBody } from '../custody/entry.js';
import type { DockingRow } from '../custody/ledger.js';
import type { OffloadProgress, OffloadRequest } from '../offload/offload.js';
import { admit } from './admission.js';
import { CameraClockCheck } from './camera-clock.js';
import { chargedSince, knownAgain, switchToDiskMode } from './disk-mode.js';
import { DockedClock } from './docked-clock.js';
import { DockedOffload } from './docked-offload.js';
import { chooseFamily } from './family.js';
import { broughtBy, departed, leftUnseen } from './handover.js';
import { inspection } from './inspection.js';
import type { BayStateName } from './lifecycle.js';
import { inspectionIsNews } from './news.js';
import { type Reason, recordingMinutes } from './readiness.js';
import type { BayServices } from './services.js';
import { Verdict } from './verdict.js';
import { Vitals } from './vitals.js';

export class Docking {
  readonly id: string;
  readonly arrivedUtc: string;
  readonly #bay: string;
  readonly #priority: () => boolean;
  readonly #services: BayServices;
  #session: CameraSession | undefined;
  #sighting: Sighting = {};
  #family = '';
  /** What it told at its control interface in this docking. */
  #before: CameraAccount | undefined;
  /** What the cradle's charger says of it now. */
  charge: Charge = 'none';
  /** Entered as docked or refused: only then does leaving close something. */
  #entered: 'no' | 'docked' | 'refused';
  /** The docking that the ledger has open, until the camera has said that it is the one. */
  #resumed: DockingRow | undefined;
  camera: string | null = null;
  readonly #vitals: Vitals;
  readonly #clock: DockedClock;
  /** The last one of this docking: a retry that finds the same has nothing to enter. */
  #inspected: EntryBody<'camera.inspected'> | undefined;
  #correction: ClockCorrection | null = null;
  readonly #offload: DockedOffload;
  readonly #verdict: Verdict;

  /** `resumed`: the docking that the ledger has open for this bay, when the daemon comes back to a camera that never left. */
  constructor(services: BayServices, bay: string, priority: () => boolean, resumed?: DockingRow) {
    this.#services = services;
    this.#bay = bay;
    this.#vitals = new Vitals(services.clock, (error) => {
      services.log.warn('camera.vital-unreadable', this.#place(), error);
    });
    this.#clock = new DockedClock(services.clock, services.dockTime);
    this.#offload = new DockedOffload(services.offload);
    this.#verdict = new Verdict(services);
    this.#priority = priority;
    this.#resumed = resumed;
    this.arrivedUtc = resumed?.arrivedUtc ?? new Date(services.clock.wallMs()).toISOString();
    this.id = resumed?.docking ?? `${bay}@${this.arrivedUtc}`;
    this.#entered = resumed === undefined ? 'no' : 'docked';
    this.camera = resumed?.camera ?? null;
  }

  get battery(): Battery | undefined {
    const told = this.#vitals.battery;
    return this.#before === undefined || this.#sighting.sideChannel !== undefined
      ? told
      : chargedSince(told, this.charge);
  }

  /** Of the offload that is going on. */
  get progress(): OffloadProgress | null {
    return this.#offload.progress;
  }

  get clockOffset(): ClockOffset | undefined {
    return this.#clock.offset;
  }

  get verdict(): 'ready' | 'not-ready' | 'none' {
    return this.#verdict.is;
  }

  get recordingMinutes(): number | null {
    const { storage } = this.#vitals;
    return storage === undefined ? null : recordingMinutes(storage, this.#bytesPerMinute());
  }

  /** The officer the camera is assigned to; null: pooled, or not registered. */
  get officer(): string | null {
    return this.#registered()?.officer ?? null;
  }

  /** Finds out which camera this is and enters that it was docked. Throws what refuses it. */
  async identify(seen: Sighting, signal: AbortSignal): Promise<void> {
    const { families, claims, others, clock, ledger, log } = this.#services;
    await this.letGo();
    await this.#recall(seen);
    const sighting = this.#before === undefined ? seen : { ...seen, before: this.#before };
    this.#sighting = sighting;
    const family = chooseFamily(families, sighting);
    this.#family = family.name;
    const session = await family.open(sighting, signal, ({ cause, by, tookMs }) => {
      log.warn(`camera.interrupted.${by}`, { ...this.#place(), ms: Math.round(tookMs) }, cause);
    });
    this.#session = session;
    const { identity } = session;
    const registered = admit(identity, this.camera, this.#services.config().cameras);
    const claim = {
      bay: this.#bay,
      mountId: sighting.volume?.mountId ?? null,
      enumeration: sighting.usb?.enumeration ?? null,
    };
    await claims.claimWhenSeen(identity.id, claim, others, clock, signal);
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
    const { enter, log } = this.#services;
    const claimed = this.#session?.identity.id ?? null;
    log.warn('camera.refused', { ...this.#place(), claimed: claimed ?? '?' }, error);
    // Once a docking: a volume that comes and goes must not fill the ledger. A camera that was taken in stays docked.
    if (this.#entered !== 'no') return;
    await enter({
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

  /** A docking that went on over a restart of the dock: what the camera told before is in the ledger, if anywhere. */
  async #recall({ volume }: Sighting): Promise<void> {
    if (this.#resumed === undefined || this.#before !== undefined || volume === undefined) return;
    this.#before = knownAgain(await this.#services.ledger.dockingAccount(this.id), volume);
    if (this.#before !== undefined) this.#services.log.info('camera.resumed-as-disk', this.#place());
  }

  /**
   * Battery, storage, faults; the clock measured before anything is set, then set, then measured again. Says whether the camera has to be
   * switched to disk mode before its recordings are seen.
   */
  async inspect(signal: AbortSignal): Promise<{ readonly diskMode: boolean }> {
    const { ledger, log } = this.#services;
    const { session, camera } = this.#known();
    await this.#vitals.read(session);
    signal.throwIfAborted();
    const custody = await ledger.camera(camera);
    const check = this.#clockCheck(session, camera, signal);
    const measured = await check.measure();
    this.#correction = check.correction(measured, custody);
    const volume = this.#sighting.volume;
    const { battery } = this.#vitals;
    const diskMode = session.toDiskMode !== undefined;
    if (diskMode) {
      this.#before = {
        family: this.#family,
        identity: session.identity,
        ...(battery === undefined ? {} : { battery }),
      };
    }
    const place = { bay: this.#bay, docking: this.id, camera };
    const body = inspection(place, this.#vitals, measured.offset, volume);
    const entered = this.#inspected;
    if (entered === undefined || inspectionIsNews(entered, body) || check.isNews(measured)) {
      await ledger.append({ kind: 'camera.inspected', body });
      this.#inspected = body;
      check.wasEntered(measured);
    }
    log.info('camera.inspected', {
      ...this.#place(),
      battery: battery?.percent ?? '?',
      minutes: this.recordingMinutes ?? '?',
      offsetS: measured.offset === undefined ? '?' : (measured.offset.offsetMs / 1000).toFixed(3),
    });
    if (volume?.dirty === true) log.warn('camera.volume-dirty', this.#place());
    if (volume !== undefined && !volume.readOnly) log.debug('camera.volume-writable', this.#place());
    const blindly = this.#sighting.before !== undefined && session.clock === undefined;
    const wasSet = blindly && this.#clock.recall(this.id, custody);
    if (!blindly || (!wasSet && session.blindClock !== undefined)) await this.#clock.set(check, measured, custody);
    return { diskMode };
  }

  /** Makes the camera leave its control interface for disk mode, and lets go of it. */
  async switchToDiskMode(signal: AbortSignal): Promise<void> {
    const { clock, enter, log } = this.#services;
    const { session, camera } = this.#known();
    const { toDiskMode } = session;
    if (toDiskMode === undefined) throw new Error('a camera without disk mode');
    const refusals = await switchToDiskMode(toDiskMode, clock, signal, (error) => {
      log.info('camera.disk-mode-refused', { ...this.#place(), code: error.code });
    });
    await enter({ kind: 'camera.disk-mode', body: { bay: this.#bay, docking: this.id, camera, refusals } });
    log.info('camera.disk-mode', this.#place());
    await this.letGo();
  }

  async offload(signal: AbortSignal, onProgress: () => void): Promise<void> {
    const { session, camera } = this.#known();
    await this.#offload.run(this.#request(session, camera), onProgress, signal);
  }

  async clear(signal: AbortSignal): Promise<void> {
    const { session, camera } = this.#known();
    const erased = await this.#offload.clear(this.#request(session, camera), signal);
    if (erased > 0) this.#services.log.info('camera.cleared', { ...this.#place(), erased });
  }

  /** What the last clearing had to leave can be erased now. */
  get clearDue(): boolean {
    return this.#offload.clearDue;
  }

  /** The M7 verdict now; entered whenever it differs from the one before. */
  async judge(signal: AbortSignal): Promise<{ reasons: readonly Reason[]; charging: boolean; retriable: boolean }> {
    const { ledger } = this.#services;
    const { session, camera } = this.#known();
    await this.#vitals.read(session);
    if (this.#clock.due(session)) {
      const check = this.#clockCheck(session, camera, signal);
      await this.#clock.set(check, await check.measure(), await ledger.camera(camera));
    }
    signal.throwIfAborted();
    const { battery } = this;
    const { storage, faults } = this.#vitals;
    const facts = {
      battery,
      storage,
      faults,
      clock: this.#clock.known,
      unsafeRecordings: this.#offload.unsafe,
      bytesPerMinute: this.#bytesPerMinute(),
      quarantined: this.#registered()?.quarantined ?? false,
    };
    const place = { bay: this.#bay, docking: this.id, camera };
    const reasons = await this.#verdict.make(place, facts, this.recordingMinutes);
    return {
      reasons,
      charging: battery?.charging ?? false,
      retriable: this.#offload.retriable,
    };
  }

  /** Enters that the camera was taken, with how many of its recordings are safe. */
  async enterUndocking(during: BayStateName): Promise<void> {
    const { enter, log } = this.#services;
    if (this.#resumed !== undefined) {
      // Nobody knows that the camera which is gone now was the one of this docking.
      log.info('bay.closed-after-restart', { bay: this.#bay, camera: this.camera });
      await enter(leftUnseen(this.#resumed));
      return;
    }
    const { safe, of } = this.#offload.safety;
    const fields = { ...this.#place(), safe, of: of ?? '?' };
    if (of !== null && safe < of) log.warn('camera.removed-early', fields);
    else log.info('camera.undocked', fields);
    await enter(
      departed({
        bay: this.#bay,
        docking: this.id,
        camera: this.#entered === 'docked' ? this.camera : null,
        during,
        verdict: this.#verdict.is,
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
    this.#offload.stopped();
    await session?.close();
  }

  #known(): { session: CameraSession; camera: string } {
    if (this.#session === undefined || this.camera === null) throw new Error('a step before identification');
    return { session: this.#session, camera: this.camera };
  }

  #registered(): Config['cameras'][number] | undefined {
    return this.#services.config().cameras.find(({ id }) => id === this.camera);
  }

  #clockCheck(session: CameraSession, camera: string, signal: AbortSignal): CameraClockCheck {
    const place = { bay: this.#bay, docking: this.id, camera };
    return new CameraClockCheck(this.#services, place, session, signal, this.#clock);
  }

  #bytesPerMinute(): number {
    return this.#registered()?.bytesPerMinute ?? this.#services.config().readiness.bytesPerMinute;
  }

  #place(): { bay: string; camera: string } {
    return { bay: this.#bay, camera: this.camera ?? '?' };
  }

  #request(session: CameraSession, camera: string): OffloadRequest {
    return {
      bay: this.#bay,
      docking: this.id,
      camera,
      session,
      priority: this.#priority(),
      correction: this.#correction,
    };
  }
}
