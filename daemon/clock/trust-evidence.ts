/** What this machine says about its own time: files of systemd-timesyncd and the RTC, and chronyc. Effects only; judged in `trust.ts`. */
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { errnoOf } from '../../drivers/contract/error.js';
import type { TrustEvidence, TrustSource } from './trust.js';

/** systemd-timesyncd touches it at every synchronisation; it is gone after a boot (systemd-timesyncd.service(8)). */
const timesyncdFile = '/run/systemd/timesync/synchronized';
const rtcFile = '/sys/class/rtc/rtc0/since_epoch';
/** `chronyc` waits for chronyd; a missing one answers at once, a hung one must not hold us. */
const chronycDeadlineMs = 2_000;

/** Beside the ledger: touched whenever the network vouched for the time, which is when the kernel disciplines the RTC. */
function disciplinedFile(stateDir: string): string {
  return path.join(stateDir, 'clock-disciplined');
}

async function modifiedMs(file: string): Promise<number | null> {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

async function rtcNowMs(): Promise<number | null> {
  try {
    const seconds = Number(await readFile(rtcFile, 'utf8'));
    return Number.isFinite(seconds) ? seconds * 1000 : null;
  } catch (error) {
    // ENOENT: a Pi without a clock module. EINVAL and EIO: the module's battery is empty, which is as good as none.
    if (['ENOENT', 'EINVAL', 'EIO'].includes(errnoOf(error) ?? '')) return null;
    throw error;
  }
}

function chronyTracking(): Promise<string | null> {
  return new Promise((resolve) => {
    // Any failure means the same: chrony does not vouch for anything now.
    execFile('chronyc', ['-c', 'tracking'], { timeout: chronycDeadlineMs, maxBuffer: 4096 }, (error, stdout) => {
      resolve(error === null ? stdout : null);
    });
  });
}

/** Asks only the sources that the configuration names. */
export async function gatherTrustEvidence(sources: readonly TrustSource[], stateDir: string): Promise<TrustEvidence> {
  const asks = (source: TrustSource): boolean => sources.includes(source);
  const [timesyncdAtMs, tracking, nowMs, disciplinedAtMs] = await Promise.all([
    asks('timesyncd') ? modifiedMs(timesyncdFile) : null,
    asks('chrony') ? chronyTracking() : null,
    asks('rtc') ? rtcNowMs() : null,
    asks('rtc') ? modifiedMs(disciplinedFile(stateDir)) : null,
  ]);
  return {
    timesyncdAtMs,
    chronyTracking: tracking,
    rtc: nowMs === null ? null : { nowMs, disciplinedAtMs },
  };
}

export { disciplinedFile };
