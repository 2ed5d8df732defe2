/**
 * Notices that the configuration file was changed, however the editor did it: written in place, or renamed over.
 *
 * It looks once a second at what stat says; a look costs microseconds, and notification would lose the file with its
 * inode. It only ever says "look again" (level, not edge); what changed is for who reads the file.
 */
import { stat } from 'node:fs/promises';
import type { Clock, Timer } from '../drivers/contract/clock.js';
import { errnoOf } from '../drivers/contract/error.js';

const LOOK_EVERY_MS = 1_000;

export interface ConfigWatch {
  stop(): void;
}

/** `changed` is called once the file has looked the same twice after it looked different: an editor may still be writing. */
export async function watchConfig(file: string, clock: Clock, changed: () => void): Promise<ConfigWatch> {
  let told = await lookOf(file);
  let before = told;
  let stopped = false;
  let timer: Timer | undefined;
  const look = async (): Promise<void> => {
    const now = await lookOf(file);
    if (stopped) return;
    if (now !== told && now === before) {
      told = now;
      changed();
    }
    before = now;
    arm();
  };
  const arm = (): void => {
    timer = clock.timer('config watch', LOOK_EVERY_MS, () => void look());
  };
  arm();
  return {
    stop: () => {
      stopped = true;
      timer?.cancel();
    },
  };
}

/** Device, inode, size and modification time; or why it cannot be seen, which is a look of its own. */
async function lookOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(file, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    return errnoOf(error) ?? String(error);
  }
}
