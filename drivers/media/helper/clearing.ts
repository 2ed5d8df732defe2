/**
 * Clearing a card: the only way in which anything on one is ever changed.
 *
 * The helper erases, not who asks for it: the volume is writable only at a place that no other process sees, only while proved recordings
 * are erased, and each is hashed here once more. Whoever took over the daemon could ask for the erasure of what he can read and hash, of
 * unmarked recordings, one by one; he could write nothing (decision 0083).
 */

import { join } from 'node:path';
import { eraseRecording } from '../../camera/mass-storage/erase.js';
import { recordingAt } from '../../camera/recording.js';
import type { Clock, Timer } from '../../contract/clock.js';
import { DockError } from '../../contract/error.js';
import { phrase } from '../../contract/phrase.js';
import { printableBytes } from '../../contract/text.js';
import { mountedId } from '../mount-id.js';
import type { Block, Disk, PortReport, Step } from './plan.js';
import type { Tools } from './tools.js';

export interface ClearRequest {
  readonly port: string;
  /** `major:minor` of the volume that the recording was seen on. */
  readonly device: string;
  /** Raw bytes relative to the volume. */
  readonly path: Buffer;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** The proof (I3). */
  readonly sha256: string;
  readonly sequence: number;
  readonly leaf: string;
}

/** What there is at a port. */
export interface AtPort {
  readonly report: PortReport | undefined;
  readonly disk: Disk | undefined;
}

interface ClearingOptions {
  readonly root: string;
  readonly workshop: string;
  readonly clock: Clock;
  readonly tools: Tools;
  readonly disks: () => Promise<readonly Disk[]>;
  /** A volume is read-only again. */
  readonly ended: () => void;
  /** A volume could not be made read-only, or let go of. */
  readonly trouble: (error: unknown, port: string) => void;
}

/** A volume without another request for this long becomes read-only again, ms. */
const idleMs = 2_000;
/** Hashing and erasing one recording, ms: less than its asker waits. 64 GB at 22 MB/s. */
const eraseWithinMs = 3_000_000;

interface Open {
  readonly disk: Disk;
  readonly block: Block;
  readonly place: string;
  /** Ends the erasure that is under way. */
  readonly leaving: AbortController;
  timer: Timer | undefined;
}

export class Clearing {
  readonly #options: ClearingOptions;
  readonly #open = new Map<string, Open>();
  /** Requests of one port take turns; a card that hangs holds up only those. */
  readonly #turns = new Map<string, Promise<void>>();
  #stopping = false;

  constructor(options: ClearingOptions) {
    this.#options = options;
  }

  /** Ports whose volumes are writable now, or may become so by what is under way. */
  get ports(): ReadonlySet<string> {
    return new Set([...this.#open.keys(), ...this.#turns.keys()]);
  }

  /** `look`: what is at the port when the turn has come; another camera may be there by then. */
  clear(request: ClearRequest, look: () => Promise<AtPort>): Promise<void> {
    return this.#inTurn(request.port, async () => this.#clear(request, await look()));
  }

  /** Makes read-only what a helper that died left writable. */
  seal({ port, disk, block }: Extract<Step, { do: 'seal' }>): Promise<void> {
    return this.#inTurn(port, async () => {
      // A clearing that began meanwhile makes it read-only when it closes.
      if (!this.#open.has(port)) await this.#close(port, await this.#take(port, disk, block));
    });
  }

  /** Lets go of a port's volume, whatever state it is in: its device is gone. Whoever comes next does not wait for what hangs on it. */
  async leave(port: string): Promise<void> {
    const open = this.#open.get(port);
    this.#open.delete(port);
    this.#turns.delete(port);
    if (open === undefined) return;
    open.timer?.cancel();
    open.leaving.abort(gone(port));
    await this.#options.tools.unbind(open.place).catch((error: unknown) => this.#options.trouble(error, port));
  }

  /** Nothing becomes writable any more; resolves when nothing is. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const ports = new Set([...this.#turns.keys(), ...this.#open.keys()]);
    const closing = [...ports].map((port) =>
      this.#inTurn(port, async () => {
        const open = this.#open.get(port);
        if (open !== undefined) await this.#close(port, open);
      }).catch((error: unknown) => this.#options.trouble(error, port)),
    );
    await Promise.all(closing);
  }

  async #clear(request: ClearRequest, { report, disk }: AtPort): Promise<void> {
    const { clock, tools } = this.#options;
    const { port } = request;
    if (this.#stopping) throw gone(port);
    assertClearable(request, report);
    const block = disk?.partitions.find(({ device }) => device === request.device) ?? disk;
    if (disk === undefined || block?.device !== request.device) throw gone(port);
    const held = this.#open.get(port);
    if (held !== undefined && held.disk.sequence !== disk.sequence) throw gone(port);
    const open = held ?? (await this.#makeWritable(port, disk, block));
    open.timer?.cancel();
    const slow = new AbortController();
    const deadline = clock.timer('helper.erase', eraseWithinMs, () => slow.abort(tooSlow(port)));
    try {
      const mount = (await tools.mounts()).findLast(({ mountPoint }) => mountPoint === open.place);
      if (mount?.device !== request.device) throw gone(port);
      const { path, sizeBytes, modifiedMs, sha256, sequence, leaf } = request;
      const volume = {
        name: port,
        path: open.place,
        mountId: mountedId(mount),
        fileSystem: mount.fileSystem,
        readOnly: mount.readOnly,
      };
      const signal = AbortSignal.any([open.leaving.signal, slow.signal]);
      await eraseRecording(volume, recordingAt(path, sizeBytes, modifiedMs), { sha256, sequence, leaf }, clock, signal);
    } finally {
      deadline.cancel();
      if (this.#has(port, open)) {
        open.timer = clock.timer('helper.clearing', idleMs, () => {
          const closing = this.#inTurn(port, () => this.#close(port, open));
          closing.catch((error: unknown) => this.#options.trouble(error, port));
        });
      }
    }
  }

  async #makeWritable(port: string, disk: Disk, block: Block): Promise<Open> {
    const { tools, trouble } = this.#options;
    const open = await this.#take(port, disk, block);
    try {
      await tools.protect(nodesOf(open), false);
      // Of the file system and of this place; the public place keeps its own read-only flag.
      await tools.remount(open.place, true);
      return open;
    } catch (error) {
      await this.#close(port, open).catch((also: unknown) => trouble(also, port));
      throw error;
    }
  }

  /** The volume at a place of our own: this one, not what came meanwhile, or a folder where nothing is mounted. Nothing of it is changed yet. */
  async #take(port: string, disk: Disk, block: Block): Promise<Open> {
    const { disks, root, tools, workshop } = this.#options;
    const place = join(workshop, port);
    const open: Open = { disk, block, place, leaving: new AbortController(), timer: undefined };
    this.#open.set(port, open);
    try {
      await tools.bind(join(root, port), place);
      const mount = (await tools.mounts()).findLast(({ mountPoint }) => mountPoint === place);
      const now = (await disks()).find(({ name }) => name === disk.name);
      if (this.#has(port, open) && mount?.device === block.device && now?.sequence === disk.sequence) return open;
      if (mount !== undefined) await tools.unbind(place);
      throw gone(port);
    } catch (error) {
      if (this.#has(port, open)) this.#open.delete(port);
      throw error;
    }
  }

  /**
   * Read-only again: the file system first, which writes back all it has, then the kernel's protection. Let go of in any case; what is still
   * writable then is seen by the next look, and sealed.
   */
  async #close(port: string, open: Open): Promise<void> {
    const { tools, ended } = this.#options;
    if (!this.#has(port, open)) return;
    open.timer?.cancel();
    try {
      await tools.remount(open.place, false);
      await tools.flush(nodesOf(open)[1] ?? '');
      await tools.protect(nodesOf(open), true);
    } catch (error) {
      // Pulled meanwhile: there is nothing left that could be writable.
      if (this.#has(port, open)) throw error;
    } finally {
      if (this.#has(port, open)) {
        this.#open.delete(port);
        await tools.unbind(open.place);
      }
    }
    ended();
  }

  /** This very volume is still ours: neither let go of nor followed by another. */
  #has(port: string, open: Open): boolean {
    return this.#open.get(port) === open;
  }

  async #inTurn<T>(port: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(port) ?? Promise.resolve();
    const working = before.then(work);
    const turn = working.then(nothing, nothing);
    this.#turns.set(port, turn);
    try {
      return await working;
    } finally {
      if (this.#turns.get(port) === turn) this.#turns.delete(port);
    }
  }
}

function nothing(): void {
  // How it ended is told to whoever asked for it.
}

function nodesOf({ disk, block }: Pick<Open, 'disk' | 'block'>): readonly string[] {
  return [`/dev/${disk.name}`, `/dev/${block.name}`];
}

function assertClearable(request: ClearRequest, report: PortReport | undefined): void {
  if (report?.state !== 'mounted' || report.device !== request.device) throw gone(request.port);
  if (!report.dirty) return;
  throw new DockError('DOCK_ERASE_DIRTY', {
    expected: phrase`a volume that was put away in order`,
    found: phrase`${report.fileSystem} that was not, at port ${request.port}: ${printableBytes(request.path)}`,
    todo: phrase`Keep the recordings on the card: writing to it now could destroy what a specialist may still find`,
    retry: 'never',
  });
}

function gone(port: string): DockError {
  return new DockError('DOCK_VOLUME_GONE', {
    expected: phrase`the volume that the recording was seen on, mounted at port ${port}`,
    found: phrase`another one, or none`,
    todo: phrase`Put the camera in again so that its card is listed anew`,
    retry: 'after-redocking',
  });
}

function tooSlow(port: string): DockError {
  return new DockError('DOCK_VOLUME_STALLED', {
    expected: phrase`a recording to be read in ${eraseWithinMs / 60_000} min, at port ${port}`,
    found: phrase`a card that is slower`,
    todo: phrase`Take the camera out and put it back; if it happens again, its card is failing`,
    retry: 'after-redocking',
  });
}
