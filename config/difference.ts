/**
 * What changes between two configurations, and what of it can be applied while the dock runs. Pure.
 *
 * Live is what is only read when it is needed. Anything that a service was built around (lines, bays, folders, the
 * broker) needs a restart: a dock that rebuilt half of itself would be the least tested dock there is.
 */

import type { Path } from './document.js';
import { dotted } from './problem.js';
import { bayName, type Config } from './schema.js';

export interface ConfigDifference {
  /** Options that take effect at once. */
  readonly live: readonly string[];
  /** Options that take effect after a restart. */
  readonly restart: readonly string[];
  /** The running configuration with the live options of the new one: what the dock shall go by from now on. */
  readonly applied: Config;
}

/** Whole sections and single options that are read when they are needed. `cradles` is looked at by bay, below. */
const live = {
  dock: ['language'],
  media: ['settleMs'],
  readiness: ['batteryPercent', 'recordingMinutes', 'clockErrorMs', 'bytesPerMinute'],
  clock: ['trust', 'maxErrorMs', 'rtcDriftPpm', 'rtcTrustHours', 'setWhenOverMs'],
  archive: ['reserveBytes'],
  offload: ['erase'],
  log: ['level'],
} as const satisfies { readonly [S in keyof Config]?: readonly (keyof NonNullable<Config[S]>)[] };

/** Paths of all options that take effect at once, `[]` for the items of a list. */
export const liveOptions: readonly string[] = [
  ...Object.entries(live).flatMap(([section, options]) => options.map((option) => `${section}.${option}`)),
  'cameras',
  'cradles[].bays[].priority',
];

export function configDifference(running: Config, next: Config): ConfigDifference {
  const applied: Config = {
    ...running,
    cameras: next.cameras,
    cradles: withPriorities(running.cradles, next.cradles),
    ...Object.fromEntries(
      Object.entries(live).map(([section, options]) => {
        const from = next[section as keyof typeof live] as Readonly<Record<string, unknown>>;
        const taken = Object.fromEntries(options.map((option) => [option, from[option]]));
        return [section, { ...running[section as keyof typeof live], ...taken }];
      }),
    ),
  };
  return { live: changes(running, applied), restart: changes(applied, next), applied };
}

/** The bays that run, with the priorities that the new configuration gives to the same places (I7). */
function withPriorities(running: Config['cradles'], next: Config['cradles']): Config['cradles'] {
  const priorities = new Map(
    next.flatMap(({ name, bays }) => bays.map(({ slot, priority }) => [bayName(name, slot), priority] as const)),
  );
  return running.map((cradle) => ({
    ...cradle,
    bays: cradle.bays.map((bay) => ({
      ...bay,
      priority: priorities.get(bayName(cradle.name, bay.slot)) ?? bay.priority,
    })),
  }));
}

/** Paths of the options that differ; a list whose length differs, and the register of cameras, count as one. */
function changes(before: unknown, after: unknown, path: Path = []): string[] {
  if (Object.is(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    if (before.length !== after.length || path[0] === 'cameras') return same(before, after) ? [] : [dotted(path)];
    return before.flatMap((item, i) => changes(item, after[i], [...path, i]));
  }
  if (isGroup(before) && isGroup(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) => changes(before[name], after[name], [...path, name]));
  }
  return [dotted(path)];
}

function same(before: unknown, after: unknown): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
