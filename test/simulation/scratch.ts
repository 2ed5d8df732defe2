/** Where the files of a simulated dock lie. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Memory that nothing survives a restart in is the right disk here: the faults are ours. */
const ramDisk = '/dev/shm';
const parent = statSync(ramDisk, { throwIfNoEntry: false })?.isDirectory() === true ? ramDisk : tmpdir();

export function scratchFolder(): Promise<string> {
  return mkdtemp(join(parent, prefix(process.pid)));
}

/** What a process that was killed could not take away itself. */
export function removeScratch(pid: number): void {
  for (const name of readdirSync(parent)) {
    if (name.startsWith(prefix(pid))) rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function prefix(pid: number): string {
  return `custodock-simulation-${pid}-`;
}
