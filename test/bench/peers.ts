/** What a bureau would do without us, on the same files and disks in the same run. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { systemClock } from '../../daemon/runtime/clock.js';

const run = promisify(execFile);

/** Times a shell line; throws when it fails, so that no peer is quick by not working. */
async function timed(script: string, ...args: readonly string[]): Promise<number> {
  const beganMs = systemClock.monotonicMs();
  await run('bash', ['-euo', 'pipefail', '-c', script, 'bash', ...args], { maxBuffer: 1 << 24 });
  return systemClock.monotonicMs() - beganMs;
}

/** Needs root; where it may not, the peers would read their own cache and look better than they are. */
const dropCaches = 'sync; echo 3 > /proc/sys/vm/drop_caches';

/** Starts everybody with a cold cache. */
export async function coldStart(): Promise<boolean> {
  try {
    await timed(dropCaches);
    return true;
  } catch {
    return false;
  }
}

/** Copies a folder, syncs, drops the cache, and hashes both sides: the careful clerk. */
export function copyAndHash(from: string, to: string): Promise<number> {
  return timed(
    `cp -r "$1" "$2"; ${dropCaches}; a=$(cd "$1"; find . -type f -print0 | sort -z | xargs -0 sha256sum); b=$(cd "$2"; find . -type f -print0 | sort -z | xargs -0 sha256sum); [ "$a" = "$b" ]`,
    from,
    to,
  );
}

/** rsync with its own checksums on the way, synced; it never reads back. */
export function rsync(from: string, to: string): Promise<number> {
  return timed('rsync -a --fsync "$1/" "$2/"', from, to);
}

/** The same bytes by direct reads and writes, and read back: what the machine allows a copy that is read back. Nothing is hashed. */
export function rawDirect(from: string, to: string): Promise<number> {
  return timed(
    `mkdir -p "$2"; find "$1" -type f -print0 | while IFS= read -r -d '' f; do
       t="$2/$(basename "$f")"
       dd if="$f" of="$t" bs=4M iflag=direct oflag=direct conv=fsync status=none
       dd if="$t" of=/dev/null bs=4M iflag=direct status=none
     done`,
    from,
    to,
  );
}

/** The same for several folders at once. */
export async function rawDirectAtOnce(pairs: readonly (readonly [from: string, to: string])[]): Promise<number> {
  const beganMs = systemClock.monotonicMs();
  await Promise.all(pairs.map(([from, to]) => rawDirect(from, to)));
  return systemClock.monotonicMs() - beganMs;
}

/** Name, size and time of every file. */
export function findAll(folder: string): Promise<number> {
  return timed(`find "$1" -type f -printf '%p %s %T@\\n' >/dev/null`, folder);
}
