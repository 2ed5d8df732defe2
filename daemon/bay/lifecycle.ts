/**
 * The life of one bay as a pure function: state and input give next state and effects (D4).
 *
 * It decides; `bay.ts` does. Whatever an effect brings back is an input that names the `attempt` it belongs to: after the camera was taken,
 * exchanged or looked at anew, what an earlier attempt still sends is ignored. Nothing here is remembered over a restart: presence, archive
 * and ledger are the state.
 */

import type { Seating } from '../../drivers/contract/cradle.js';
import type { DockError } from '../../drivers/contract/error.js';
import type { Reason } from './readiness.js';

/** What is physically there, as one look at cradle and volumes shows it. */
export interface Presence {
  readonly seating: Seating;
  /** Cradle connection and its count of arrivals: another value means that another camera may sit there. */
  readonly arrival: string;
  readonly sideChannel: boolean;
  /** Mount id of the camera's volume; null while there is none. */
  readonly volume: string | null;
}

interface Docked {
  /** Counts up with every new look at a camera; results of older attempts are stale. */
  readonly attempt: number;
  readonly presence: Presence;
  /** Failures in a row, for the growing delay between tries. */
  readonly failures: number;
}

export type BayState =
  | { readonly name: 'empty'; readonly attempt: number }
  | ({ readonly name: 'not-seated' } & Docked)
  | ({ readonly name: 'settling' } & Docked)
  | ({ readonly name: 'inspecting' } & Docked)
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
  'offloading',
  'clearing',
  'charging',
  'ready',
  'not-ready',
  'refused',
  'faulty',
] as const satisfies readonly BayStateName[];

export type BayInput =
  | { readonly input: 'seen'; readonly presence: Presence }
  /** The settling time is over: what there is has to do. */
  | { readonly input: 'settle-over'; readonly attempt: number }
  | { readonly input: 'identified'; readonly attempt: number }
  /** It says that it is another camera than the one of this docking: exchanged while nobody was looking. */
  | { readonly input: 'exchanged'; readonly attempt: number }
  | { readonly input: 'inspected'; readonly attempt: number }
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

/** The states in which an input means something; elsewhere it is late and ignored. */
const heardIn: Readonly<Record<Exclude<BayInput['input'], 'seen'>, readonly BayStateName[]>> = {
  'settle-over': ['settling'],
  identified: ['settling'],
  exchanged: ['settling'],
  inspected: ['inspecting'],
  offloaded: ['offloading'],
  cleared: ['clearing'],
  'clear-due': ['clearing', 'charging', 'ready', 'not-ready'],
  judged: ['clearing', 'charging', 'ready', 'not-ready'],
  refused: ['settling'],
  failed: ['settling', 'inspecting', 'offloading', 'clearing', 'charging', 'ready', 'not-ready'],
  'retry-due': ['faulty', 'not-ready'],
};

export function step(state: BayState, input: BayInput): Step {
  if (input.input === 'seen') return seen(state, input.presence);
  if (state.name === 'empty' || input.attempt !== state.attempt || !heardIn[input.input].includes(state.name)) {
    return { state, effects: [] };
  }
  const { attempt, presence, failures } = state;
  switch (input.input) {
    case 'settle-over':
      return { state, effects: [{ effect: 'identify', attempt }] };
    case 'identified':
      return { state: { name: 'inspecting', attempt, presence, failures }, effects: [{ effect: 'inspect', attempt }] };
    case 'exchanged':
      return exchange(state, presence);
    case 'inspected':
      return { state: { name: 'offloading', attempt, presence, failures }, effects: [{ effect: 'offload', attempt }] };
    case 'offloaded':
    case 'clear-due':
      return {
        state: { name: 'clearing', attempt, presence, failures },
        effects: [{ effect: 'clear', attempt, noticeMs: state.name === 'ready' ? clearNoticeMs : 0 }],
      };
    case 'cleared':
      return { state, effects: [{ effect: 'judge', attempt }] };
    case 'judged':
      return judged(state, input);
    case 'refused':
      return { state: { name: 'refused', attempt, presence, failures, error: input.error }, effects: [] };
    case 'failed':
      return {
        state: { name: 'faulty', attempt, presence, failures: failures + 1, error: input.error },
        effects: input.error.retry === 'now' ? [retryLater(attempt, failures)] : [],
      };
    case 'retry-due':
      return again(state, presence);
  }
}

function judged(state: Exclude<BayState, { name: 'empty' }>, input: Extract<BayInput, { input: 'judged' }>): Step {
  const { attempt, presence } = state;
  const { reasons } = input;
  if (reasons.length === 0) return { state: { name: 'ready', attempt, presence, failures: 0 }, effects: [] };
  // Waiting helps only against an empty battery, and only while it is being charged.
  if (input.charging && reasons.every(({ reason }) => reason === 'battery-low')) {
    return { state: { name: 'charging', attempt, presence, failures: 0 }, effects: [] };
  }
  const firstVerdict = state.name === 'clearing';
  return {
    state: { name: 'not-ready', attempt, presence, failures: state.failures + (firstVerdict ? 1 : 0), reasons },
    effects: input.retriable && firstVerdict ? [retryLater(attempt, state.failures)] : [],
  };
}

function retryLater(attempt: number, failures: number): BayEffect {
  return { effect: 'retry-later', attempt, delayMs: retryDelayMs(failures) };
}

/** Looks at the camera anew within the same docking: what is known of it may have changed with whatever failed. */
function again(state: Exclude<BayState, { name: 'empty' }>, presence: Presence): Step {
  const attempt = state.attempt + 1;
  return {
    state: { name: 'settling', attempt, presence, failures: state.failures },
    effects: [{ effect: 'abandon' }, lookAt(presence, attempt)],
  };
}

function seen(state: BayState, presence: Presence): Step {
  if (state.name === 'empty') {
    return presence.seating === 'empty' ? { state, effects: [] } : arrive(state.attempt, presence);
  }
  if (presence.seating === 'empty') {
    return { state: { name: 'empty', attempt: state.attempt + 1 }, effects: leave(state) };
  }
  const sameVolume = presence.volume !== null && presence.volume === state.presence.volume;
  const arrived = presence.arrival !== state.presence.arrival;
  if (arrived && !sameVolume) {
    // Taken and put back between two looks, or another one: never the same docking. A volume that stayed mounted says that
    // only the cradle began to count anew.
    return exchange(state, presence);
  }
  if (state.name === 'not-seated') {
    if (presence.seating === 'not-seated') return { state: { ...state, presence }, effects: [] };
    return arrive(state.attempt, presence);
  }
  const volumeChanged = presence.volume !== state.presence.volume;
  const now = { ...state, presence };
  // What the camera says over its pins is bound to the cradle's connection: after another it has to be asked anew.
  if (arrived) return again(state, presence);
  if (state.name === 'settling') {
    if (!volumeChanged && presence.sideChannel === state.presence.sideChannel) return { state: now, effects: [] };
    return settled(presence) ? again(state, presence) : { state: now, effects: [] };
  }
  // The volume went or came under a camera that stayed (re-enumeration, a loose plug, a mount), or its pins answer at last.
  const pinsCame = presence.sideChannel && !state.presence.sideChannel;
  return volumeChanged || pinsCame ? again(state, presence) : { state: now, effects: [] };
}

/** Everything that a camera can show is there; without a volume it may still come. */
function settled(presence: Presence): boolean {
  return presence.volume !== null && presence.sideChannel;
}

function lookAt(presence: Presence, attempt: number): BayEffect {
  return settled(presence) ? { effect: 'identify', attempt } : { effect: 'await-settled', attempt };
}

function arrive(lastAttempt: number, presence: Presence): Step {
  const attempt = lastAttempt + 1;
  if (presence.seating === 'not-seated') {
    return { state: { name: 'not-seated', attempt, presence, failures: 0 }, effects: [] };
  }
  return {
    state: { name: 'settling', attempt, presence, failures: 0 },
    effects: [{ effect: 'dock', attempt }, lookAt(presence, attempt)],
  };
}

/** One camera is gone and another is there, without a moment in between that anybody saw. */
function exchange(state: BayState, presence: Presence): Step {
  const next = arrive(state.attempt, presence);
  return { state: next.state, effects: [...leave(state), ...next.effects] };
}

function leave(state: BayState): readonly BayEffect[] {
  return state.name === 'not-seated' || state.name === 'empty' ? [] : [{ effect: 'undock', during: state.name }];
}
