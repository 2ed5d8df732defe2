/**
 * One bay: shows the lifecycle what is there and does what it decides. One camera's trouble ends here (I8).
 *
 * The steps of a docking run one after another in one chain; a step that still waits for a camera that was taken is in the end left behind.
 */

import type { Sighting, Volume } from '../../drivers/contract/camera.js';
import { type Clock, sleep, type Timer } from '../../drivers/contract/clock.js';
import type { BayReading, Charge, LightPattern, SideChannel } from '../../drivers/contract/cradle.js';
import type { DockError } from '../../drivers/contract/error.js';
import type { UsbDevice } from '../../drivers/contract/usb.js';
import type { DockingRow } from '../custody/ledger.js';
import { Chain } from './chain.js';
import { Docking } from './docking.js';
import { leftUnseen } from './handover.js';
import { type BayEffect, type BayInput, type BayState, firstState, type Presence, step } from './lifecycle.js';
import { lightFor } from './lights.js';
import type { BayServices } from './services.js';
import type { BayStatus } from './status.js';
import { refuses, type Step, steps, troubleOf } from './steps.js';

/** Volume or device without a side channel: how long the cradle's data pins may still take. */
const sideChannelWaitMs = 2_000;
/** How often battery, storage and faults are read again while a camera sits in the bay. */
const vitalsEveryMs = 5_000;

export interface BayPlace {
  readonly name: string;
  readonly priority: () => boolean;
  /** Its cradle has data pins, which may take a moment to answer. */
  readonly pins: boolean;
  readonly sideChannel: () => SideChannel;
  readonly setLight: (pattern: LightPattern) => void;
  /** Called after every change that a status shows. */
  readonly onChange: () => void;
}

/** What media root and USB show for a bay now. `unfit`: why its volume is not mounted. */
export interface Shown {
  readonly volume?: Volume | undefined;
  readonly usb?: UsbDevice | undefined;
  readonly unfit?: DockError | undefined;
}

export class Bay {
  readonly name: string;
  readonly #place: BayPlace;
  readonly #services: BayServices;
  readonly #clock: Clock;
  #state: BayState = firstState;
  #sinceMs: number;
  #volume: Volume | undefined;
  #usb: UsbDevice | undefined;
  #unfit: DockError | undefined;
  #seen: Presence | undefined;
  #charge: Charge = 'none';
  #docking: Docking | undefined;
  #attempt = new AbortController();
  readonly #chain: Chain;
  #identify = false;
  #stopped = false;
  /** What the ledger says was here when the daemon stopped, until the first look shows whether it still is. */
  #openDocking: DockingRow | undefined;

  constructor(place: BayPlace, services: BayServices, openDocking: DockingRow | undefined) {
    this.name = place.name;
    this.#place = place;
    this.#services = services;
    this.#clock = services.clock;
    this.#chain = new Chain(place.name, services.clock, services.log);
    this.#sinceMs = services.clock.wallMs();
    this.#openDocking = openDocking;
  }

  /** One look at the bay. `connection`: counts the cradle's connections. */
  observe(reading: BayReading, { volume, usb, unfit }: Shown, connection: number): void {
    // The line goes on for a moment after the bays have stopped; what it sees is for the next start.
    if (this.#stopped) return;
    if (reading.seating === 'empty') this.#closeOpenDocking();
    const described = this.#usb !== usb;
    this.#volume = volume;
    this.#usb = usb;
    this.#unfit = unfit;
    this.#charge = reading.charge;
    if (this.#docking !== undefined) this.#docking.charge = reading.charge;
    const shown = {
      seating: reading.seating,
      arrival: `${connection}/${reading.arrivals}`,
      sideChannel: reading.sideChannel,
      // udev may tell what is on it a moment after it was mounted.
      volume: volume === undefined ? null : `${volume.mountId} ${volume.uuid ?? ''}`,
      usb: usb?.enumeration ?? null,
    };
    // Most looks show what the one before showed, many times a second and bay.
    const same = this.#seen !== undefined && samePresence(this.#seen, shown);
    if (same && !described) return;
    const presence: Presence = { ...shown, pending: this.#pending(reading.sideChannel) };
    // The kernel shows a device a moment before its interfaces: it is the same enumeration, and only then known to a family.
    if (same && presence.pending === this.#seen?.pending) return;
    this.#seen = presence;
    this.#input({ input: 'seen', presence, atMs: this.#clock.monotonicMs() });
  }

  /** Its camera has turned up elsewhere, whatever the last look at this bay showed. */
  hasLeft(): void {
    if (this.#stopped || this.#state.name === 'empty') return;
    this.#volume = undefined;
    this.#usb = undefined;
    const { arrival } = this.#state.presence;
    const presence = {
      seating: 'empty',
      arrival,
      sideChannel: false,
      volume: null,
      usb: null,
      pending: 'nothing',
    } as const;
    // What the last look showed stays what was seen: more of the same is no news, as of a hub that shows a camera without contact for a while.
    this.#input({ input: 'seen', presence, atMs: this.#clock.monotonicMs() });
  }

  get light(): LightPattern {
    return lightFor(this.#state.name, this.#identify);
  }

  /** Says again what the light shall show: the cradle forgot it with its connection. */
  relight(): void {
    this.#place.setLight(this.light);
  }

  identify(on: boolean): void {
    this.#identify = on;
    this.relight();
    this.#place.onChange();
  }

  status(): BayStatus {
    const state = this.#state;
    const docking = this.#docking;
    const error = 'error' in state ? state.error : null;
    return {
      bay: this.name,
      state: state.name,
      sinceUtc: new Date(this.#sinceMs).toISOString(),
      light: this.light,
      docking: docking?.id ?? null,
      camera: docking?.camera ?? null,
      holder: docking?.officer ?? null,
      batteryPercent: docking?.battery?.percent ?? null,
      recordingMinutes: docking?.recordingMinutes ?? null,
      clockOffsetMs: docking?.clockOffset === undefined ? null : Math.round(docking.clockOffset.offsetMs),
      reasons: state.name === 'not-ready' ? state.reasons : [],
      progress: docking?.progress ?? null,
      error:
        error === null ? null : { code: error.code, expected: error.expected, found: error.found, todo: error.todo },
    };
  }

  /** Abandons what runs and lets go of the camera; the docking stays open in the ledger, for the camera stays in the bay. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#abandon('the dock stops');
    await this.#chain.settled;
    await this.#docking?.letGo();
  }

  #input(input: BayInput): void {
    const before = this.#state;
    const { state, effects } = step(before, input);
    this.#state = state;
    if (state.name !== before.name) {
      this.#sinceMs = this.#clock.wallMs();
      if (state.name === 'not-seated') this.#services.log.warn('bay.not-seated', { bay: this.name });
      if (state.name === 'faulty' && input.input === 'seen') {
        this.#services.log.error('bay.restless', { bay: this.name, camera: this.#docking?.camera }, state.error);
      }
      if (state.name === 'faulty' && input.input === 'volume-late') {
        const fields = { bay: this.name, camera: this.#docking?.camera ?? null, step: before.name };
        this.#services.log.error('bay.step-failed', fields, state.error);
      }
      this.relight();
    }
    for (const effect of effects) this.#perform(effect);
    if (state !== before) this.#place.onChange();
  }

  #perform(effect: BayEffect): void {
    switch (effect.effect) {
      case 'dock': {
        this.#attempt = new AbortController();
        this.#docking = this.#newDocking();
        this.#services.log.info('camera.arrived', { bay: this.name });
        return;
      }
      case 'undock': {
        const docking = this.#docking;
        this.#docking = undefined;
        this.#abandon('the camera was taken');
        // At once, not when the steps have wound down: it may be in another bay by then.
        this.#services.claims.release(this.name);
        if (docking !== undefined) this.#chain.add('undock', () => this.#leave(docking, effect.during));
        return;
      }
      case 'abandon':
        this.#abandon('the camera is looked at anew');
        this.#attempt = new AbortController();
        return;
      case 'await-settled': {
        const { settleMs } = this.#services.config().media;
        const pinsAlone = this.#state.name !== 'empty' && this.#state.presence.pending === 'pins';
        this.#later('bay.settle', pinsAlone ? Math.min(settleMs, sideChannelWaitMs) : settleMs, {
          input: 'settle-over',
          attempt: effect.attempt,
        });
        return;
      }
      case 'retry-later':
        this.#later('bay.retry', effect.delayMs, { input: 'retry-due', attempt: effect.attempt });
        return;
      case 'clear':
        this.#run('clear', effect.attempt, effect.noticeMs);
        return;
      case 'await-volume':
        this.#later('bay.disk-mode', effect.withinMs, { input: 'volume-late', attempt: effect.attempt });
        return;
      case 'identify':
      case 'inspect':
      case 'switch':
      case 'offload':
      case 'judge':
        this.#run(effect.effect, effect.attempt);
    }
  }

  /** The docking that the ledger has open, if the daemon comes back to a camera that may never have left; else a new one. */
  #newDocking(): Docking {
    // One that was refused is looked at as if it had just come.
    if (this.#openDocking?.camera === null) this.#closeOpenDocking();
    const open = this.#openDocking;
    this.#openDocking = undefined;
    const docking = new Docking(this.#services, this.name, this.#place.priority, open);
    docking.charge = this.#charge;
    return docking;
  }

  /** One input after a delay, unless the attempt ends before. */
  #later(name: string, delayMs: number, input: BayInput): void {
    const signal = this.#attempt.signal;
    const timer: Timer = this.#clock.timer(name, delayMs, () => {
      signal.removeEventListener('abort', cancel);
      this.#input(input);
    });
    const cancel = (): void => timer.cancel();
    signal.addEventListener('abort', cancel, { once: true });
  }

  /** One step of the docking, after a delay where one is given; its outcome comes back as an input. */
  #run(name: Step, attempt: number, delayMs = 0): void {
    const docking = this.#docking;
    const signal = this.#attempt.signal;
    if (docking === undefined) return;
    this.#chain.add(name, async () => {
      if (signal.aborted) return;
      try {
        if (delayMs > 0) await sleep(this.#clock, 'bay.notice', delayMs, signal);
        this.#input(await this.#outcome(docking, name, attempt, signal));
      } catch (thrown) {
        if (signal.aborted) return;
        const error = troubleOf(name, thrown);
        const input = await this.#failure(docking, name, attempt, error);
        this.#input(input);
        if (input.input === 'failed') this.#logFailure(docking, name, error);
      }
    });
  }

  /** What a step that failed means for the bay. A verdict that could not be entered is none: the light may not go on saying it (I4). */
  async #failure(docking: Docking, name: Step, attempt: number, error: DockError): Promise<BayInput> {
    if (error.code === 'DOCK_CAMERA_CHANGED_IDENTITY') return { input: 'exchanged', attempt };
    if (name !== 'identify' || !refuses(error)) {
      return { input: 'failed', attempt, error };
    }
    try {
      await docking.enterRefusal(error);
      return { input: 'refused', attempt, error };
    } catch (thrown) {
      return { input: 'failed', attempt, error: troubleOf(name, thrown) };
    }
  }

  /** A bay that goes on by itself, because its camera left or stirred while it was asked, has not stopped. */
  #logFailure({ camera }: Docking, name: Step, error: DockError): void {
    const fields = { bay: this.name, camera, step: steps[name] };
    const stopped = this.#state.name === 'faulty' && this.#state.error === error;
    if (stopped) this.#services.log.error('bay.step-failed', fields, error);
    else this.#services.log.info('bay.step-lost', fields);
  }

  async #outcome(docking: Docking, name: Step, attempt: number, signal: AbortSignal): Promise<BayInput> {
    switch (name) {
      case 'identify':
        await docking.identify(this.#sighting(), signal);
        return { input: 'identified', attempt };
      case 'inspect':
        return { input: 'inspected', attempt, ...(await docking.inspect(signal)) };
      case 'switch':
        await docking.switchToDiskMode(signal);
        return { input: 'switched', attempt };
      case 'offload':
        await docking.offload(signal, this.#place.onChange);
        return { input: 'offloaded', attempt };
      case 'clear':
        await docking.clear(signal);
        return { input: 'cleared', attempt };
      case 'judge': {
        if (docking.clearDue) return { input: 'clear-due', attempt };
        const verdict = await docking.judge(signal);
        this.#watchVitals(attempt);
        return { input: 'judged', attempt, ...verdict };
      }
    }
  }

  /** Charging goes on, faults appear: the verdict is made again as long as the camera sits here. */
  #watchVitals(attempt: number): void {
    const signal = this.#attempt.signal;
    void sleep(this.#clock, 'bay.vitals', vitalsEveryMs, signal).then(
      () => this.#run('judge', attempt),
      // Only the end of the attempt ends this sleep early.
      () => undefined,
    );
  }

  #sighting(): Sighting {
    const presence = this.#state.name === 'empty' ? undefined : this.#state.presence;
    return {
      ...(presence?.sideChannel === true ? { sideChannel: this.#place.sideChannel() } : {}),
      ...(this.#volume === undefined ? {} : { volume: this.#volume }),
      ...(this.#usb === undefined ? {} : { usb: this.#usb }),
      ...(this.#unfit === undefined ? {} : { unfit: this.#unfit }),
    };
  }

  /** A camera that some family takes by its USB device alone need not show a volume. */
  #pending(sideChannel: boolean): Presence['pending'] {
    const usb = this.#usb;
    const known = usb !== undefined && this.#services.families.some((family) => family.probe({ usb }).score > 0);
    if (this.#volume === undefined && !known) return 'all';
    return sideChannel || !this.#place.pins ? 'nothing' : 'pins';
  }

  async #leave(docking: Docking, during: BayState['name']): Promise<void> {
    await docking.letGo();
    await docking.enterUndocking(during);
  }

  #closeOpenDocking(): void {
    const open = this.#openDocking;
    if (open === undefined) return;
    this.#openDocking = undefined;
    this.#chain.add('close', async () => {
      this.#services.log.info('bay.closed-after-restart', { bay: this.name, camera: open.camera });
      await this.#services.enter(leftUnseen(open));
    });
  }

  /** Ends the present attempt; what comes next in the chain waits for its steps to wind down, but not for ever. */
  #abandon(why: string): void {
    this.#attempt.abort(new Error(why));
    this.#chain.bound();
  }
}

function samePresence(one: Presence, other: Omit<Presence, 'pending'>): boolean {
  return (
    one.seating === other.seating &&
    one.arrival === other.arrival &&
    one.sideChannel === other.sideChannel &&
    one.volume === other.volume &&
    one.usb === other.usb
  );
}
