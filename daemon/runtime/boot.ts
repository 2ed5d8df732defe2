/**
 * Which run of the kernel this is, and how long it has been up. Together they order what happened even while the wall
 * clock is not trusted (I6).
 */
import { readFileSync } from 'node:fs';
import { DockError, messageOf } from '../../drivers/contract/error.js';
import { type Phrase, phrase, verbatim } from '../../drivers/contract/phrase.js';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** The kernel's boot id, a lower-case UUID. Fails with DOCK_BOOT_ID. */
export function readBootId(path: string = BOOT_ID): string {
  let found: string;
  try {
    found = readFileSync(path, 'ascii').trim();
  } catch (error) {
    throw noBootId(verbatim(`${path}: ${messageOf(error)}`), error);
  }
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(found))
    throw noBootId(verbatim(JSON.stringify(found.slice(0, 64))));
  return found;
}

/** Microseconds of CLOCK_MONOTONIC, which systemd and the kernel count from boot. */
export function monotonicMicros(): bigint {
  return process.hrtime.bigint() / 1_000n;
}

function noBootId(found: Phrase, cause?: unknown): DockError {
  return new DockError('DOCK_BOOT_ID', {
    expected: phrase`a boot id in ${BOOT_ID}`,
    found,
    todo: phrase`Mount /proc and allow the service to read it (ProcSubset=all)`,
    retry: 'never',
    cause,
  });
}
