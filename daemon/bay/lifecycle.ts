/**
 * The life of one bay as a pure function: state and input give next state and effects (D4).
 *
 * It decides; `bay.ts` does. Whatever an effect brings back is an input that names the `attempt` it belongs to: after the camera was taken,
 * exchanged or looked at anew, what an earlier attempt still sends is ignored. Nothing here is remembered over a restart: presence, archive
 * and ledger are the state.
 */

import type { Seating } from '../../drivers/contract/cradle.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import type { Reason } from './readiness.js';

/** What is physically there, as one look at cradle and volumes shows it. */
export interface Presence {
  readonly seating: Seating;
  /** Cradle connection and its count of arrivals: another value means that another camera may sit there. */
  readonly arrival: string;
  readonly sideChannel: boolean;
  /** Which volume the camera has, by its mount and what udev has told of it; null while there is none. */
  readonly volume: string | null;
  /** Enumeration of the USB device at the bay's port; null while there is none. */
  readonly usb: string | null;
  /** What it may still show and is worth waiting for: neither device nor volume is there yet, or only its pins do not answer yet. */
  readonly pending: 'all' | 'pins' | 'nothing';
}

/** How restless a camera is: one more each time that its device or volume comes anew, one less for each calm spell. */
export interface Restlessness {
  readonly level: number;
  /** When it was last counted, monotonic ms. */
  readonly atMs: number;
}

interface Docked {
  /** Counts up with every new look at a camera; results of older attempts are stale. */
  readonly attempt: number;
  readonly presence: Presence;
  /** Failures in a row, for the growing delay between tries. */
  readonly failures: number;
  readonly restless: Restlessness;
}

export type BayState =
  | { readonly name: 'empty'; readonly attempt: number }
  | ({ readonly name: 'not-seated' } & Docked)
  /** `asked`: it was not waited for any more, and is being asked who it is: what comes or goes now is not what it was asked as. */
  | ({ readonly name: 'settling'; readonly asked: boolean } & Docked)
  | ({ readonly name: 'inspecting' } & Docked)
  /** On its way from control interface to disk mode. `left`: its volume when that was asked for, which is not the one to wait for. */
  | ({ readonly name: 'switching'; readonly left: string | null } & Docked)
  | ({ readonly name: 'offloading' } & Docked)
  | ({ readonly name: 'clearing' } & Docked)
  | ({ readonly name: 'charging' } & Docked)
  | ({ readonly name: 'ready' } & Docked)
  | ({ readonly name: 'not-ready'; readonly reasons: readonly Reason[] } & Docked)
  | ({ readonly name: 'refused'; readonly error: DockError } & Docked)
  | ({ readonly name: 'faulty'; readonly error: DockError } & Docked);

export type BayStateName = BayState['name'];

/** All of them, for whatever lists states: columns of a table, the published contract. */
export const bayStateNames = [
  'empty',
  'not-seated',
  'settling',
  'inspecting',
  'switching',
  'offloading',
  'clearing',
  'charging',
  'ready',
  'not-ready',
  'refused',
  'faulty',
] as const satisfies readonly BayStateName[];

export type BayInput =
  /** `atMs`: monotonic, of the look. */
  | { readonly input: 'seen'; readonly presence: Presence; readonly atMs: number }
  /** The settling time is over: what there is has to do. */
  | { readonly input: 'settle-over'; readonly attempt: number }
  | { readonly input: 'identified'; readonly attempt: number }
  /** It says that it is another camera than the one of this docking: exchanged while nobody was looking. */
  | { readonly input: 'exchanged'; readonly attempt: number }
  /** `diskMode`: its recordings are seen only after it has been switched. */
  | { readonly input: 'inspected'; readonly attempt: number; readonly diskMode: boolean }
  /** It has agreed to disk mode; it comes back as a volume, or it does not. */
  | { readonly input: 'switched'; readonly attempt: number }
  | { readonly input: 'volume-late'; readonly attempt: number }
  | { readonly input: 'offloaded'; readonly attempt: number }
  | { readonly input: 'cleared'; readonly attempt: number }
  /** What was left on the card until the ledger was checked can be erased now. */
  | { readonly input: 'clear-due'; readonly attempt: number }
  /** The readiness check was made, or made again. */
  | {
      readonly input: 'judged';
      readonly attempt: number;
      readonly reasons: readonly Reason[];
      readonly charging: boolean;
      /** Recordings are left on the camera that another try may bring. */
      readonly retriable: boolean;
    }
  /** This camera is not to be offloaded here: unknown, a twin, unclear. */
  | { readonly input: 'refused'; readonly attempt: number; readonly error: DockError }
  | { readonly input: 'failed'; readonly attempt: number; readonly error: DockError }
  | { readonly input: 'retry-due'; readonly attempt: number };

export type BayEffect =
  /** A camera has arrived: a docking begins. */
  | { readonly effect: 'dock'; readonly attempt: number }
  /** The camera is gone: abandon what runs, enter the undocking. */
  | { readonly effect: 'undock'; readonly during: BayStateName }
  /** Abandon what runs: the next look begins anew within the same docking. */
  | { readonly effect: 'abandon' }
  | { readonly effect: 'await-settled'; readonly attempt: number }
  | { readonly effect: 'identify'; readonly attempt: number }
  | { readonly effect: 'inspect'; readonly attempt: number }
  | { readonly effect: 'switch'; readonly attempt: number }
  /** Whoever waits for the camera to come back does so only this long. */
  | { readonly effect: 'await-volume'; readonly attempt: number; readonly withinMs: number }
  | { readonly effect: 'offload'; readonly attempt: number }
  /** `noticeMs`: how long the light shows *leave it* before anything is written to the card. */
  | { readonly effect: 'clear'; readonly attempt: number; readonly noticeMs: number }
  | { readonly effect: 'judge'; readonly attempt: number }
  | { readonly effect: 'retry-later'; readonly attempt: number; readonly delayMs: number };

export interface Step {
  readonly state: BayState;
  readonly effects: readonly BayEffect[];
}

export const firstState: BayState = { name: 'empty', attempt: 0 };

const shortestRetryMs = 5_000;
const longestRetryMs = 300_000;
/** From a light that said *take it*: a hand that was reaching for the camera needs so long to see that it changed, ms. */
const clearNoticeMs = 1_000;

/** Doubling from 5 s to 5 min. */
export function retryDelayMs(retries: number): number {
  return Math.min(longestRetryMs, shortestRetryMs * 2 ** Math.min(retries, 10));
}

/** How often a camera may come anew in one stay as cameras do: a mode switch or two, a loose plug. */
const stirsFree = 6;
/** One stir is forgotten after this, ms: whatever comes anew more often than that is looked at less and less often. */
const calmSpellMs = 600_000;

function stirred({ level, atMs }: Restlessness, nowMs: number): Restlessness {
  return { level: Math.max(0, level - (nowMs - atMs) / calmSpellMs) + 1, atMs: nowMs };
}

/** A recorder is back within seconds; one that has to repair its card first takes longer. */
const diskModeWithinMs = 30_000;

/** The states in which an input means something; elsewhere it is late and ignored. */
const heardIn: Readonly<Record<Exclude<BayInput['input'], 'seen'>, readonly BayStateName[]>> = {
  'settle-over': ['settling'],
  identified: ['settling'],
  exchanged: ['settling'],
  inspected: ['inspecting'],
  switched: ['switching'],
  'volume-late': ['switching'],
  offloaded: ['offloading'],
  cleared: ['clearing'],
  'clear-due': ['clearing', 'charging', 'ready', 'not-ready'],
  judged: ['clearing', 'charging', 'ready', 'not-ready'],
  refused: ['settling'],
  failed: ['settling', 'inspecting', 'switching', 'offloading', 'clearing', 'charging', 'ready', 'not-ready'],
  'retry-due': ['faulty', 'not-ready'],
};

export function step(state: BayState, input: BayInput): Step {
  if (input.input === 'seen') return seen(state, input.presence, input.atMs);
  if (state.name === 'empty' || input.attempt !== state.attempt || !heardIn[input.input].includes(state.name)) {
    return { state, effects: [] };
  }
  const { attempt, presence, failures, restless } = state;
  const docked = { attempt, presence, failures, restless };
  switch (input.input) {
    case 'settle-over':
      return { state: { name: 'settling', asked: true, ...docked }, effects: [{ effect: 'identify', attempt }] };
    case 'identified':
      return { state: { name: 'inspecting', ...docked }, effects: [{ effect: 'inspect', attempt }] };
    case 'exchanged':
      return exchange(state, presence, restless.atMs);
    case 'inspected':
      return input.diskMode
        ? { state: { name: 'switching', left: presence.volume, ...docked }, effects: [{ effect: 'switch', attempt }] }
        : { state: { name: 'offloading', ...docked }, effects: [{ effect: 'offload', attempt }] };
    case 'switched':
      return { state, effects: [{ effect: 'await-volume', attempt, withinMs: diskModeWithinMs }] };
    case 'volume-late':
      return failed(state, notBack(presence));
    case 'offloaded':
    case 'clear-due':
      return {
        state: { name: 'clearing', ...docked },
        effects: [{ effect: 'clear', attempt, noticeMs: state.name === 'ready' ? clearNoticeMs : 0 }],
      };
    case 'cleared':
      return { state, effects: [{ effect: 'judge', attempt }] };
    case 'judged':
      return judged(state, input);
    case 'refused':
      return { state: { name: 'refused', ...docked, error: input.error }, effects: [] };
    case 'failed':
      return lost(state, input.error) ?? failed(state, input.error);
    case 'retry-due':
      return again(state, presence);
  }
}

function failed(state: Exclude<BayState, { name: 'empty' }>, error: DockError): Step {
  const { attempt, presence, failures, restless } = state;
  return {
    state: { name: 'faulty', attempt, presence, failures: failures + 1, restless, error },
    effects: error.retry === 'now' ? [retryLater(attempt, failures)] : [],
  };
}

/**
 * Whoever spoke to it saw it leave first; undefined: nothing left. The light stays as it is until the next look shows what is there. Devices
 * are waited for where they are opened, a volume that is still shown is asked again when it has had its time to go.
 */
function lost(state: Exclude<BayState, { name: 'empty' }>, { code }: DockError): Step | undefined {
  if (code !== 'DOCK_USB_GONE' && code !== 'DOCK_VOLUME_GONE') return undefined;
  const restless = stirred(state.restless, state.restless.atMs);
  if (restless.level > stirsFree) return undefined;
  const { presence, failures } = state;
  if (code === 'DOCK_USB_GONE') return again({ ...state, restless }, presence);
  const attempt = state.attempt + 1;
  return {
    state: { name: 'settling', asked: true, attempt, presence, failures, restless },
    effects: [{ effect: 'abandon' }, { effect: 'await-settled', attempt }],
  };
}

function judged(state: Exclude<BayState, { name: 'empty' }>, input: Extract<BayInput, { input: 'judged' }>): Step {
  const { attempt, presence, restless } = state;
  const { reasons } = input;
  const calm = { attempt, presence, failures: 0, restless };
  if (reasons.length === 0) return { state: { name: 'ready', ...calm }, effects: [] };
  // Waiting helps only against an empty battery, and only while it is being charged.
  if (input.charging && reasons.every(({ reason }) => reason === 'battery-low')) {
    return { state: { name: 'charging', ...calm }, effects: [] };
  }
  const firstVerdict = state.name === 'clearing';
  return {
    state: { name: 'not-ready', ...calm, failures: state.failures + (firstVerdict ? 1 : 0), reasons },
    effects: input.retriable && firstVerdict ? [retryLater(attempt, state.failures)] : [],
  };
}

function retryLater(attempt: number, failures: number): BayEffect {
  return { effect: 'retry-later', attempt, delayMs: retryDelayMs(failures) };
}

/** Looks at the camera anew within the same docking: what is known of it may have changed with whatever failed. */
function again(state: Exclude<BayState, { name: 'empty' }>, presence: Presence): Step {
  const { attempt, failures, restless } = state;
  const next = lookAt({ attempt: attempt + 1, presence, failures, restless });
  return { state: next.state, effects: [{ effect: 'abandon' }, ...next.effects] };
}

/**
 * Something came or went under a camera that stayed: a mode switch, a reset of its hub, a loose plug, a mount. It is looked at anew, but one
 * that does not come to rest only once it has been calm for a while, which gets longer each time: its entries must not fill the ledger.
 */
function changed(state: Exclude<BayState, { name: 'empty' }>, presence: Presence, nowMs: number): Step {
  const before = state.presence;
  const described = presence.usb !== null && before.pending === 'all' && presence.pending !== 'all';
  const came =
    described ||
    (presence.usb !== null && presence.usb !== before.usb) ||
    (presence.volume !== null && presence.volume !== before.volume);
  if (!came) return again(state, presence);
  const restless = stirred(state.restless, nowMs);
  if (restless.level <= stirsFree) return again({ ...state, restless }, presence);
  const attempt = state.attempt + 1;
  const error = new DockError('DOCK_CAMERA_RESTLESS', {
    expected: phrase`a camera that stays connected`,
    found: phrase`it came anew ${Math.floor(restless.level)} times in this stay`,
    todo: phrase`Take the camera out, clean its contacts and plug, and put it back; try another bay`,
    retry: 'now',
  });
  return {
    state: { name: 'faulty', attempt, presence, failures: state.failures, restless, error },
    effects: [{ effect: 'abandon' }, retryLater(attempt, Math.floor(restless.level) - stirsFree)],
  };
}

function seen(state: BayState, presence: Presence, nowMs: number): Step {
  if (state.name === 'empty') {
    return presence.seating === 'empty' ? { state, effects: [] } : arrive(state.attempt, presence, nowMs);
  }
  if (presence.seating === 'empty') {
    return { state: { name: 'empty', attempt: state.attempt + 1 }, effects: leave(state) };
  }
  const before = state.presence;
  const sameVolume = presence.volume !== null && presence.volume === before.volume;
  const sameDevice = presence.usb !== null && presence.usb === before.usb;
  const arrived = presence.arrival !== before.arrival;
  if (arrived && !sameVolume && !sameDevice) {
    // Taken and put back between two looks, or another one: never the same docking. A volume that stayed mounted, or a device that
    // stayed connected, says that only the cradle began to count anew.
    return exchange(state, presence, nowMs);
  }
  if (state.name === 'not-seated') {
    if (presence.seating === 'not-seated') return { state: { ...state, presence }, effects: [] };
    return arrive(state.attempt, presence, nowMs);
  }
  if (state.name === 'switching') return onItsWay(state, presence, arrived);
  const mediaChanged = presence.volume !== before.volume || presence.usb !== before.usb;
  const now = { ...state, presence };
  // What the camera says over its pins is bound to the cradle's connection: after another it has to be asked anew.
  if (arrived) return again(state, presence);
  if (state.name === 'settling') {
    const reseated = before.seating === 'not-seated' && presence.seating === 'seated';
    const known = presence.pending !== before.pending;
    const same = !mediaChanged && !reseated && !known && presence.sideChannel === before.sideChannel;
    if (same) return { state: now, effects: [] };
    const nearer = presence.pending === 'nothing' || known || (state.asked && mediaChanged);
    return nearer || reseated ? changed(state, presence, nowMs) : { state: now, effects: [] };
  }
  // Something went or came under a camera that stayed, or its pins answer at last.
  const pinsCame = presence.sideChannel && !before.sideChannel;
  return mediaChanged || pinsCame ? changed(state, presence, nowMs) : { state: now, effects: [] };
}

/** It leaves the bus and comes back as another device, as it was told to: only its volume is news. */
function onItsWay(state: Extract<BayState, { name: 'switching' }>, presence: Presence, arrived: boolean): Step {
  const isBack = presence.volume !== null && presence.volume !== state.left;
  return isBack || arrived ? again(state, presence) : { state: { ...state, presence }, effects: [] };
}

/** The camera never came back as a volume. Where its device is there it may be tried again. */
function notBack({ usb }: Presence): DockError {
  return new DockError('DOCK_CAMERA_NOT_BACK', {
    expected: phrase`the camera back as a volume within ${diskModeWithinMs / 1_000} s`,
    found: usb === null ? phrase`nothing at its port` : phrase`a device at its port, but no volume`,
    todo: phrase`Take the camera out and put it back; if it happens again check the camera at a computer`,
    retry: usb === null ? 'after-redocking' : 'now',
  });
}

/** A camera that has lost its contact is not asked: it has nothing to answer with. */
function lookAt(docked: Docked): Step {
  const { attempt, presence } = docked;
  if (presence.seating !== 'seated') return { state: { name: 'settling', asked: false, ...docked }, effects: [] };
  const asked = presence.pending === 'nothing';
  return {
    state: { name: 'settling', asked, ...docked },
    effects: [{ effect: asked ? 'identify' : 'await-settled', attempt }],
  };
}

function arrive(lastAttempt: number, presence: Presence, nowMs: number): Step {
  const docked = { attempt: lastAttempt + 1, presence, failures: 0, restless: { level: 0, atMs: nowMs } };
  if (presence.seating === 'not-seated') return { state: { name: 'not-seated', ...docked }, effects: [] };
  const { state, effects } = lookAt(docked);
  return { state, effects: [{ effect: 'dock', attempt: docked.attempt }, ...effects] };
}

/** One camera is gone and another is there, without a moment in between that anybody saw. */
function exchange(state: BayState, presence: Presence, nowMs: number): Step {
  const next = arrive(state.attempt, presence, nowMs);
  return { state: next.state, effects: [...leave(state), ...next.effects] };
}

function leave(state: BayState): readonly BayEffect[] {
  return state.name === 'not-seated' || state.name === 'empty' ? [] : [{ effect: 'undock', during: state.name }];
}
