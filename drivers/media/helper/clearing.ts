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

interface ClearingOptions {
  readonly root: string;
  readonly workshop: string;
  readonly clock: Clock;
  readonly tools: Tools;
  /** A volume is read-only again. */
  readonly ended: () => void;
}

/** A volume without another request for this long becomes read-only again, ms. */
const idleMs = 2_000;

interface Open {
  readonly disk: Disk;
  readonly block: Block;
  readonly place: string;
  timer: Timer | undefined;
}

export class Clearing {
  readonly #options: ClearingOptions;
  readonly #open = new Map<string, Open>();
  /** Requests take turns: one card at a time is writable work enough, and none waits long. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: ClearingOptions) {
    this.#options = options;
  }

  /** Ports whose volumes are writable now, or are becoming so. */
  get ports(): ReadonlySet<string> {
    return new Set(this.#open.keys());
  }

  clear(request: ClearRequest, report: PortReport | undefined, disk: Disk | undefined): Promise<void> {
    return this.#inTurn(() => this.#clear(request, report, disk));
  }

  /** Makes read-only what a helper that died left writable. */
  seal({ port, at, disk, block }: Extract<Step, { do: 'seal' }>): Promise<void> {
    return this.#inTurn(async () => {
      const place = this.#place(port);
      await this.#options.tools.bind(at, place);
      await this.#close(port, { disk, block, place, timer: undefined });
    });
  }

  /** Lets go of a port's volume, whatever state it is in: its device is gone. */
  async leave(port: string): Promise<void> {
    const open = this.#open.get(port);
    if (open === undefined) return;
    open.timer?.cancel();
    this.#open.delete(port);
    await this.#options.tools.unmount(open.place);
  }

  stop(): Promise<void> {
    return this.#inTurn(async () => {
      for (const [port, open] of this.#open) await this.#close(port, open);
    });
  }

  async #clear(request: ClearRequest, report: PortReport | undefined, disk: Disk | undefined): Promise<void> {
    assertClearable(request, report);
    const block = disk?.partitions.find(({ device }) => device === request.device) ?? disk;
    if (disk === undefined || block?.device !== request.device) throw gone(request.port);
    const open = this.#open.get(request.port) ?? (await this.#makeWritable(request.port, disk, block));
    open.timer?.cancel();
    try {
      const mount = (await this.#options.tools.mounts()).findLast(({ mountPoint }) => mountPoint === open.place);
      if (mount?.device !== request.device) throw gone(request.port);
      const { path, sizeBytes, modifiedMs, sha256, sequence, leaf } = request;
      const volume = {
        name: request.port,
        path: open.place,
        mountId: mountedId(mount),
        fileSystem: mount.fileSystem,
        readOnly: mount.readOnly,
      };
      const { clock } = this.#options;
      await eraseRecording(volume, recordingAt(path, sizeBytes, modifiedMs), { sha256, sequence, leaf }, clock);
    } finally {
      open.timer = this.#options.clock.timer('helper.clearing', idleMs, () => {
        this.#inTurn(() => this.#close(request.port, open)).catch(() => this.#options.ended());
      });
    }
  }

  async #makeWritable(port: string, disk: Disk, block: Block): Promise<Open> {
    const { root, tools } = this.#options;
    const open: Open = { disk, block, place: this.#place(port), timer: undefined };
    this.#open.set(port, open);
    try {
      await tools.bind(join(root, port), open.place);
      await tools.protect(nodesOf(open), false);
      // Of the file system and of this place; the public place keeps its own read-only flag.
      await tools.remount(open.place, true);
      return open;
    } catch (error) {
      await this.#close(port, open);
      throw error;
    }
  }

  /** Read-only again: the file system first, which writes back all it has, then the kernel's protection. */
  async #close(port: string, open: Open): Promise<void> {
    const { tools, ended } = this.#options;
    open.timer?.cancel();
    try {
      await tools.remount(open.place, false);
      await tools.flush(nodesOf(open)[1] ?? '');
      await tools.protect(nodesOf(open), true);
      await tools.unbind(open.place);
    } finally {
      this.#open.delete(port);
      ended();
    }
  }

  #place(port: string): string {
    return join(this.#options.workshop, port);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
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
