/**
 * The register map of a cradle, version 1: addresses and the packing of its blocks. REGISTERS.md is the same map in words.
 *
 * Used by the driver to read a unit and by the simulated unit to answer, so that the two cannot drift apart.
 * Pure: no I/O, no time. Decoders trust nothing: whatever a unit sends, they return a value or throw DockError.
 */
import { type BayReading, type Charge, type LightPattern, lightPatterns, type Seating } from '../../contract/cradle.js';
import { DockError } from '../../contract/error.js';
import { type Phrase, phrase, verbatim } from '../../contract/phrase.js';

export const mapVersion = 1;
/** ASCII "CUSTODOK" is what a cradle answers where any other Modbus device has something else. */
export const magic: readonly number[] = [0x4355, 0x5354, 0x4f44, 0x4f4b];
export const mostBays = 16;

/** Unit block: read with function 03 before anything is known of the unit, so nothing is ever written to a stranger. */
export const unitBlock = { address: 0x0000, length: 36 } as const;
/** Control: every write begins here. Write only, with function 23 (or 16). */
export const control = {
  /** boot, connection, heartbeat. */
  address: 0x0100,
  headLength: 3,
  /** Directly after the head: per bay arrivals and light. */
  lightsAddress: 0x0103,
  wordsPerLight: 2,
} as const;
/** Clock setting: its own place, with the same head. */
export const clockControl = { address: 0x0180, length: 8 } as const;
/** Status: head of four words, then four words a bay. */
export const statusBlock = { address: 0x0200, headLength: 4, wordsPerBay: 4 } as const;
/** Side channel, one block a bay each. All begin with the head of five words: heartbeat, boot, connection, arrivals, features. */
export const stateBlock = { address: 0x1000, stride: 0x40, length: 17 } as const;
export const clockBlock = { address: 0x2000, stride: 0x40, length: 13 } as const;
export const identityBlock = { address: 0x3000, stride: 0x80, length: 69 } as const;

/** Exceptions beyond the standard ones: why a write was refused. Nothing of a refused write was applied. */
export const exceptionCodes = {
  illegalFunction: 0x01,
  illegalAddress: 0x02,
  illegalValue: 0x03,
  busy: 0x06,
  staleBoot: 0x41,
  staleConnection: 0x42,
  staleArrival: 0x43,
} as const;

/** In a light write: leave this bay as it is. */
export const leaveLight = 0xffff;
const fallbackLight = 7;

const seatings: readonly Seating[] = ['empty', 'seated', 'not-seated'];
const charges: readonly Charge[] = ['none', 'charging', 'full', 'fault'];
/** What two bits say of the camera clock: none, or the smallest step a reading shows, ms. */
const clockResolutionsMs: readonly (number | null)[] = [null, 1, 10, 1000];

export const features = { battery: 1, storage: 2, faults: 4, identity: 8 } as const;
/** Self-test faults by bit. Names go into the ledger: never renamed, only added. */
export const faultNames: readonly Phrase[] = [
  phrase`camera-self-test`,
  phrase`lens`,
  phrase`microphone`,
  phrase`storage-card`,
  phrase`battery`,
  phrase`clock-battery`,
  phrase`overheated`,
  phrase`firmware`,
  phrase`encryption-key`,
  phrase`positioning`,
  phrase`button`,
  phrase`display`,
  phrase`infrared`,
  phrase`radio`,
  phrase`housing-opened`,
  phrase`other`,
];

/** Where a clock setting stands. */
export const clockSetStates = ['none', 'waiting', 'done', 'failed'] as const;
export type ClockSetState = (typeof clockSetStates)[number];

export interface UnitIdentification {
  readonly boot: number;
  readonly connection: number;
  readonly magic: readonly number[];
  readonly mapVersion: number;
  readonly bayCount: number;
  readonly firmware: string;
  readonly serial: string;
}

/** What a write is meant for: this start of the unit, this connection. Both are echoed in every block. */
export interface Head {
  /** Number of the gateway's last accepted write, 0–65535: heartbeat, and transaction number that RTU has not. */
  readonly heartbeat: number;
  readonly boot: number;
  readonly connection: number;
}

/** As a unit shows it: BayReading with what the driver needs beyond. */
export interface BayStatus extends BayReading {
  readonly clockResolutionMs: number | null;
  readonly lightWanted: LightPattern;
}

export interface SideHead extends Head {
  readonly arrivals: number;
  /** Bits of `features` that this camera has. */
  readonly features: number;
}

export interface SideState {
  readonly batteryPercent: number;
  readonly charging: boolean;
  readonly faults: readonly string[];
  readonly capacityBytes: number;
  readonly freeBytes: number;
}

export interface SideClock {
  readonly cameraMs: number;
  /** From the end of the request to the sample, and from the sample to the start of the answer, ms in steps of 0.1. */
  readonly heldMs: number;
  readonly ageMs: number;
  readonly set: ClockSetState;
  /** Heartbeat of the write that asked for the setting. */
  readonly setBy: number;
}

export interface SideIdentity {
  readonly serial: string;
  readonly maker: string;
  readonly model: string;
  readonly userNumber: string;
}

/** A setting that is to happen `delayMs` after the end of the frame that carries it. */
export interface ClockOrder {
  readonly slot: number;
  readonly arrivals: number;
  /** Whole seconds since 1970, UTC, below 2^32. */
  readonly targetS: number;
  /** 10–60000. */
  readonly delayMs: number;
}

export type Registers = readonly number[];

function nonsense(expected: Phrase, found: Phrase): DockError {
  return new DockError('DOCK_CRADLE_NONSENSE', {
    expected,
    found,
    todo: phrase`Update the firmware of the cradle; if it goes on, replace the cradle`,
    retry: 'now',
  });
}

function wordAt(registers: Registers, index: number): number {
  const word = registers[index];
  if (word === undefined) throw nonsense(phrase`at least ${index + 1} registers`, verbatim(`${registers.length}`));
  return word;
}

function chosen<T>(choices: readonly T[], index: number, what: Phrase): T {
  const choice = choices[index];
  if (choice === undefined) throw nonsense(phrase`${what} 0–${choices.length - 1}`, verbatim(`${index}`));
  return choice;
}

/** Big-endian words, the highest first. Values above 2^53 − 1 cannot be sizes or times of anything real. */
function wideAt(registers: Registers, index: number, what: Phrase): number {
  let value = 0;
  for (let word = 0; word < 4; word += 1) value = value * 0x10000 + wordAt(registers, index + word);
  if (!Number.isSafeInteger(value)) throw nonsense(phrase`${what} below 2^53`, verbatim(`${value}`));
  return value;
}

function wide(value: number): number[] {
  const words: number[] = [];
  let rest = value;
  for (let word = 0; word < 4; word += 1) {
    words.unshift(rest % 0x10000);
    rest = Math.floor(rest / 0x10000);
  }
  return words;
}

/** Two characters a register, the first in the high byte; ends at the first zero byte. */
function textAt(registers: Registers, index: number, words: number): string {
  const bytes: number[] = [];
  for (let word = 0; word < words; word += 1) {
    const value = wordAt(registers, index + word);
    bytes.push(value >> 8, value & 0xff);
  }
  const end = bytes.indexOf(0);
  return textOfBytes(Uint8Array.from(end === -1 ? bytes : bytes.slice(0, end)));
}

/**
 * Text as a camera gave it (I11). Where it is no UTF-8, every byte outside ASCII is written `\xNN`: with the usual
 * replacement character two different serial numbers would become one.
 */
function textOfBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
    ).join('');
  }
}

/** Raw bytes into a text field: cut at its end, as firmware does, even within a character. */
export function textWords(text: string | Uint8Array, words: number): number[] {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return Array.from({ length: words }, (_, word) => ((bytes[word * 2] ?? 0) << 8) | (bytes[word * 2 + 1] ?? 0));
}

export function decodeUnit(registers: Registers): UnitIdentification {
  return {
    magic: [0, 1, 2, 3].map((index) => wordAt(registers, index)),
    mapVersion: wordAt(registers, 4),
    bayCount: wordAt(registers, 5),
    boot: wordAt(registers, 6),
    connection: wordAt(registers, 7),
    firmware: textAt(registers, 8, 12),
    serial: textAt(registers, 20, 16),
  };
}

export function encodeUnit(unit: UnitIdentification): number[] {
  return [
    ...unit.magic,
    unit.mapVersion,
    unit.bayCount,
    unit.boot,
    unit.connection,
    ...textWords(unit.firmware, 12),
    ...textWords(unit.serial, 16),
  ];
}

export function decodeHead(registers: Registers): Head {
  return { heartbeat: wordAt(registers, 0), boot: wordAt(registers, 1), connection: wordAt(registers, 2) };
}

export function statusLength(bayCount: number): number {
  return statusBlock.headLength + statusBlock.wordsPerBay * bayCount;
}

export function decodeStatus(registers: Registers): { readonly head: Head; readonly bays: readonly BayStatus[] } {
  const bayCount = wordAt(registers, 3);
  if (bayCount > mostBays) throw nonsense(phrase`at most ${mostBays} bays`, verbatim(`${bayCount}`));
  const bays = Array.from({ length: bayCount }, (_, bay): BayStatus => {
    const at = statusBlock.headLength + bay * statusBlock.wordsPerBay;
    const state = wordAt(registers, at);
    const lights = wordAt(registers, at + 1);
    const shown = lights & 0xff;
    return {
      slot: bay + 1,
      seating: chosen(seatings, state & 0b11, phrase`seating`),
      latched: (state & 0b100) !== 0,
      charge: chosen(charges, (state >> 3) & 0b11, phrase`charge`),
      sideChannel: (state & 0b10_0000) !== 0,
      clockResolutionMs: chosen(clockResolutionsMs, (state >> 6) & 0b11, phrase`clock resolution`),
      light: shown === fallbackLight ? 'fallback' : chosen(lightPatterns, shown, phrase`light shown`),
      lightWanted: chosen(lightPatterns, lights >> 8, phrase`light wanted`),
      arrivals: wordAt(registers, at + 2),
      currentMa: wordAt(registers, at + 3),
    };
  });
  return { head: decodeHead(registers), bays };
}

export function encodeStatus(head: Head, bays: readonly BayStatus[]): number[] {
  const words = [head.heartbeat, head.boot, head.connection, bays.length];
  for (const bay of bays) {
    const state =
      seatings.indexOf(bay.seating) |
      (bay.latched ? 0b100 : 0) |
      (charges.indexOf(bay.charge) << 3) |
      (bay.sideChannel ? 0b10_0000 : 0) |
      (clockResolutionsMs.indexOf(bay.clockResolutionMs) << 6);
    const shown = bay.light === 'fallback' ? fallbackLight : lightPatterns.indexOf(bay.light);
    words.push(state, (lightPatterns.indexOf(bay.lightWanted) << 8) | shown, bay.arrivals, bay.currentMa);
  }
  return words;
}

/** The light of one bay, meant for the camera of one arrival; null: leave it as it is. */
export type LightOrder = { readonly arrivals: number; readonly pattern: LightPattern } | null;

export function encodeLights(orders: readonly LightOrder[]): number[] {
  return orders.flatMap((order) =>
    order === null ? [0, leaveLight] : [order.arrivals, lightPatterns.indexOf(order.pattern)],
  );
}

/** Undefined: a light value that this map does not have. */
export function decodeLights(words: Registers): LightOrder[] | undefined {
  const orders: LightOrder[] = [];
  for (let at = 0; at < words.length; at += control.wordsPerLight) {
    const value = words[at + 1];
    const arrivals = words[at];
    if (value === undefined || arrivals === undefined) return undefined;
    const pattern = lightPatterns[value];
    if (value === leaveLight) orders.push(null);
    else if (pattern === undefined) return undefined;
    else orders.push({ arrivals, pattern });
  }
  return orders;
}

export function encodeClockOrder(order: ClockOrder): number[] {
  return [order.slot, order.arrivals, Math.floor(order.targetS / 0x10000), order.targetS % 0x10000, order.delayMs];
}

/** From the five words after the head. Throws DOCK_CRADLE_NONSENSE when there are fewer. */
export function decodeClockOrder(words: Registers): ClockOrder {
  return {
    slot: wordAt(words, 0),
    arrivals: wordAt(words, 1),
    targetS: wordAt(words, 2) * 0x10000 + wordAt(words, 3),
    delayMs: wordAt(words, 4),
  };
}

export function decodeSideHead(registers: Registers): SideHead {
  return { ...decodeHead(registers), arrivals: wordAt(registers, 3), features: wordAt(registers, 4) };
}

export function encodeSideHead(head: SideHead): number[] {
  return [head.heartbeat, head.boot, head.connection, head.arrivals, head.features];
}

export function decodeSideState(registers: Registers): SideState {
  const percent = wordAt(registers, 5);
  if (percent > 100) throw nonsense(phrase`battery 0–100 %`, verbatim(`${percent} %`));
  const faults = wordAt(registers, 7);
  return {
    batteryPercent: percent,
    charging: (wordAt(registers, 6) & 1) !== 0,
    faults: faultNames.filter((_, bit) => (faults & (1 << bit)) !== 0),
    capacityBytes: wideAt(registers, 9, phrase`capacity`),
    freeBytes: wideAt(registers, 13, phrase`free space`),
  };
}

export function encodeSideState(state: SideState): number[] {
  const faults = faultNames.reduce((bits, name, bit) => (state.faults.includes(name) ? bits | (1 << bit) : bits), 0);
  return [
    state.batteryPercent,
    state.charging ? 1 : 0,
    faults,
    0,
    ...wide(state.capacityBytes),
    ...wide(state.freeBytes),
  ];
}

export function decodeSideClock(registers: Registers): SideClock {
  return {
    cameraMs: wideAt(registers, 5, phrase`camera time`),
    heldMs: wordAt(registers, 9) / 10,
    ageMs: wordAt(registers, 10) / 10,
    set: chosen(clockSetStates, wordAt(registers, 11), phrase`state of the clock setting`),
    setBy: wordAt(registers, 12),
  };
}

export function encodeSideClock(clock: SideClock): number[] {
  return [
    ...wide(clock.cameraMs),
    Math.min(0xffff, Math.floor(clock.heldMs * 10)),
    Math.min(0xffff, Math.floor(clock.ageMs * 10)),
    clockSetStates.indexOf(clock.set),
    clock.setBy,
  ];
}

export function decodeSideIdentity(registers: Registers): SideIdentity {
  return {
    serial: textAt(registers, 5, 16),
    maker: textAt(registers, 21, 16),
    model: textAt(registers, 37, 16),
    userNumber: textAt(registers, 53, 16),
  };
}

/** Raw bytes where a camera gave them, cut to 32 bytes each. */
export function encodeSideIdentity(identity: Record<keyof SideIdentity, string | Uint8Array>): number[] {
  return [identity.serial, identity.maker, identity.model, identity.userNumber].flatMap((text) => textWords(text, 16));
}

/** Address of a bay's block; slots count from 1. */
export function blockAddress(block: { readonly address: number; readonly stride: number }, slot: number): number {
  return block.address + block.stride * (slot - 1);
}
