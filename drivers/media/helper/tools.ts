/**
 * What the helper does to the machine: reads heads of volumes, calls blockdev, mount and umount. The only file that does.
 *
 * The public mounts are made in the host's mount namespace, which systemd hands in as standard input; the helper itself lives in one of
 * its own, where the host's mounts appear but from which nothing gets out (decision 0082).
 */

import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { lstat, mkdir, open, opendir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, within } from '../../contract/clock.js';
import { DockError, errnoOf, messageOf } from '../../contract/error.js';
import { phrase } from '../../contract/phrase.js';
import { printable } from '../../contract/text.js';
import { type Mount, parseMountInfo } from '../mountinfo.js';
import { headBytes } from './contents.js';

/** The kernel gives a USB command 30 s before it resets the device; ms. */
const answerWithinMs = 40_000;

export interface Mounting {
  readonly node: string;
  readonly at: string;
  readonly fileSystem: string;
  readonly options: string;
}

export interface Tools {
  mounts(): Promise<readonly Mount[]>;
  /** The first bytes of a device. */
  head(node: string): Promise<Buffer>;
  /** Write protection of the whole disk and of one block on it, by the kernel. */
  protect(nodes: readonly string[], on: boolean): Promise<void>;
  mount(options: Mounting): Promise<void>;
  /** Which of these folders in the root of a volume are there and empty, seen at a place that only this process sees. */
  emptyFolders(options: Mounting, names: readonly string[]): Promise<readonly string[]>;
  /** Of a public place, whether or not somebody still reads there. */
  unmount(at: string): Promise<void>;
  /** What is at a public place once more, at one that only this process sees. */
  bind(at: string, place: string): Promise<void>;
  unbind(place: string): Promise<void>;
  /** Whether the file system may be written to at this place of our own. */
  remount(place: string, writable: boolean): Promise<void>;
  flush(node: string): Promise<void>;
}

const programs = {
  blockdev: '/usr/sbin/blockdev',
  mount: '/usr/bin/mount',
  nsenter: '/usr/bin/nsenter',
  umount: '/usr/bin/umount',
} as const;
type Program = keyof typeof programs;

/** `hostNamespace`: path of the host's mount namespace; undefined: this process is in it. */
export function machineTools(clock: Clock, hostNamespace: string | undefined): Tools {
  const call = (program: Program, ...args: readonly string[]): Promise<void> =>
    calling(clock, [programs[program], ...args], 'ignore');
  // The key to the host's namespace is our standard input: nsenter opens it by its path.
  const onHost = (program: Program, ...args: readonly string[]): Promise<void> =>
    hostNamespace === undefined
      ? call(program, ...args)
      : calling(clock, [programs.nsenter, `--mount=${hostNamespace}`, '--', programs[program], ...args], 'inherit');
  return {
    mounts: async () => parseMountInfo(await readFile('/proc/self/mountinfo', 'latin1')),
    head: (node) => within(clock, 'helper.head', answerWithinMs, headOf(node), () => late(`reading ${node}`)),
    protect: (nodes, on) => call('blockdev', on ? '--setro' : '--setrw', ...nodes),
    async mount(mounting) {
      await mkdir(mounting.at, { mode: 0o755 }).catch(unless('EEXIST'));
      try {
        await onHost('mount', ...mountArguments(mounting));
      } catch (error) {
        // An empty folder must not stand there like a volume.
        await rmdir(mounting.at).catch(unless('ENOENT', 'EBUSY'));
        throw error;
      }
    },
    async emptyFolders(mounting, names) {
      await mkdir(mounting.at, { mode: 0o700 }).catch(unless('EEXIST'));
      await call('mount', ...mountArguments(mounting));
      try {
        const empty = await Promise.all(
          names.map((name) =>
            within(clock, 'helper.folder', answerWithinMs, isEmpty(join(mounting.at, name)), () =>
              late(`reading ${name} on ${mounting.node}`),
            ),
          ),
        );
        return names.filter((_, index) => empty[index]);
      } finally {
        await call('umount', '--internal-only', '--no-canonicalize', '--lazy', '--', mounting.at);
        await rmdir(mounting.at);
      }
    },
    async unmount(at) {
      // Lazy: a reader that hangs on a dead card must not keep the next card from being mounted here.
      await onHost('umount', '--internal-only', '--no-canonicalize', '--lazy', '--', at);
      await rmdir(at).catch(unless('ENOENT', 'EBUSY', 'ENOTEMPTY'));
    },
    async bind(at, place) {
      await mkdir(place, { mode: 0o700 }).catch(unless('EEXIST'));
      await call('mount', '--internal-only', '--no-canonicalize', '--bind', '--', at, place);
    },
    async unbind(place) {
      // Lazy here too: it is the way to the volume that ends, whatever still hangs on it.
      await call('umount', '--internal-only', '--no-canonicalize', '--lazy', '--', place);
      await rmdir(place).catch(unless('ENOENT'));
    },
    remount: (place, writable) =>
      call(
        ...(['mount', '--internal-only', '--no-canonicalize', '--options-mode', 'ignore', '-o'] as const),
        `remount,${writable ? 'rw' : 'ro'},noexec,nosuid,nodev,noatime`,
        '--',
        place,
      ),
    flush: (node) => call('blockdev', '--flushbufs', node),
  };
}

/** Without /etc/fstab, without helpers of single file systems, without following what the path may be a link to. */
function mountArguments({ node, at, fileSystem, options }: Mounting): readonly string[] {
  return ['--internal-only', '--no-canonicalize', '-t', fileSystem, '-o', options, '--', node, at];
}

/** A folder, no link, with nothing in it. One entry is read, for there may be millions. */
async function isEmpty(path: string): Promise<boolean> {
  try {
    if (!(await lstat(path)).isDirectory()) return false;
    const folder = await opendir(path, { bufferSize: 1 });
    try {
      return (await folder.read()) === null;
    } finally {
      await folder.close();
    }
  } catch (error) {
    if (['ENOENT', 'EACCES'].includes(errnoOf(error) ?? '')) return false;
    throw error;
  }
}

async function headOf(node: string): Promise<Buffer> {
  const file = await open(node, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const head = Buffer.alloc(headBytes);
    let length = 0;
    while (length < headBytes) {
      const { bytesRead } = await file.read(head, length, headBytes - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return head.subarray(0, length);
  } finally {
    await file.close();
  }
}

function calling(clock: Clock, [program = '', ...args]: readonly string[], input: 'ignore' | 'inherit'): Promise<void> {
  const running = new Promise<void>((resolve, reject) => {
    const child = spawn(program, args, { stdio: [input, 'ignore', 'pipe'], env: { LC_ALL: 'C' } });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      if (said.length < 2_000) said += chunk.toString('utf8');
    });
    child.once('error', (error) => reject(failed(program, messageOf(error))));
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(failed(program, said.trim() === '' ? `exit ${code ?? signal}` : said.trim()));
    });
  });
  return within(clock, 'helper.program', answerWithinMs, running, () => late([program, ...args].join(' ')));
}

function failed(program: string, found: string): DockError {
  return new DockError('DOCK_MEDIA_TOOL', {
    expected: phrase`${program} to succeed`,
    found: printable(found.replaceAll(/\s*\n\s*/g, '; '), 500),
    todo: phrase`Look at the kernel log: journalctl -k; take the camera out and put it back`,
    retry: 'after-redocking',
  });
}

function late(what: string): DockError {
  return new DockError('DOCK_VOLUME_STALLED', {
    expected: phrase`an answer within ${answerWithinMs} ms`,
    found: printable(`none: ${what}`),
    todo: phrase`Take the camera out and put it back; if it happens again, its card is failing`,
    retry: 'after-redocking',
  });
}

/** Lets these errors pass, and no other. */
function unless(...codes: readonly string[]): (error: unknown) => void {
  return (error) => {
    if (!codes.includes(errnoOf(error) ?? '')) throw error;
  };
}
