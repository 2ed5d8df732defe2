/**
 * The media helper: looks, does what the plan says, says what is there; and clears proved recordings when it is asked to.
 *
 * Answerable for: nothing of a card is changed but by `clearing.ts`; a card that hangs holds up only its own port (I8).
 * Must never trust a name, a size or a content that comes from a card or from whoever asks (I11).
 */

import { join } from 'node:path';
import type { Clock, Timer } from '../../contract/clock.js';
import { DockError, messageOf } from '../../contract/error.js';
import { phrase } from '../../contract/phrase.js';
import { printable } from '../../contract/text.js';
import type { UsbLook } from '../../contract/usb.js';
import { Clearing, type ClearRequest } from './clearing.js';
import { contentsOf } from './contents.js';
import {
  type Block,
  blockKey,
  blocksOf,
  type Disk,
  type Known,
  mountOptions,
  type Plan,
  plan,
  type Step,
} from './plan.js';
import { type HelperListener, Telling } from './telling.js';
import type { Tools } from './tools.js';

export interface HelperOptions {
  /** Media root, absolute: volumes appear as `<root>/<port path>`. */
  readonly root: string;
  /** Folder that only this process sees into: volumes are made writable here. */
  readonly workshop: string;
  /** Group that may read volumes whose file system knows no owners. */
  readonly group: number;
  /** Ports of the bays as they are configured. */
  readonly bayPorts: () => readonly string[];
  /** What is on the USB now; throws where that cannot be told. */
  readonly usb: () => Promise<UsbLook>;
  /** ms between looks even when nothing was hinted. */
  readonly rescanMs: number;
  readonly clock: Clock;
  readonly tools: Tools;
  readonly disks: () => Promise<readonly Disk[]>;
  readonly says: HelperListener;
}

/** Refusals that another try may mend: a card reader that was still starting. */
const tries = 3;

export class MediaHelper {
  readonly #options: HelperOptions;
  readonly #clearing: Clearing;
  readonly #contents = new Map<string, Known>();
  readonly #failures = new Map<string, number>();
  readonly #busy = new Map<string, Promise<void>>();
  readonly #telling: Telling;
  #running: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  #timer: Timer | undefined;
  #stopped = false;
  #plan: Plan = { steps: [], ports: [], strangers: [] };

  constructor(options: HelperOptions) {
    this.#options = options;
    this.#telling = new Telling(options.says);
    this.#clearing = new Clearing({
      ...options,
      ended: () => void this.rescan(),
      trouble: (error, port) => options.says.trouble(error, port),
    });
  }

  /** Looks now; resolves when a look that began after this call is over. Looks never overlap, and at most one waits. */
  rescan(): Promise<void> {
    if (this.#stopped) return this.#running;
    this.#waiting ??= this.#running.then(() => {
      this.#waiting = undefined;
      this.#running = this.#look();
      return this.#running;
    });
    return this.#waiting;
  }

  /** Erases one proved recording; resolves when it is gone from the medium. */
  async clear(request: ClearRequest): Promise<void> {
    await this.#clearing.clear(request, async () => {
      await this.rescan();
      const report = this.#plan.ports.find(({ port }) => port === request.port);
      // A reader with two slots is two disks at one port.
      const disk = (await this.#options.disks()).find(
        (one) => one.portPath === request.port && blocksOf(one).some(({ device }) => device === request.device),
      );
      return { report, disk };
    });
    this.#options.says.cleared(request.port, printable(request.path.toString('utf8')));
  }

  /** Volumes stay mounted: the helper may come back, and offloads go on meanwhile. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#waiting;
    await this.#running;
    await this.#clearing.stop();
    await Promise.all(this.#busy.values());
  }

  async #look(): Promise<void> {
    const { bayPorts, clock, disks, root, rescanMs, says, tools, usb } = this.#options;
    this.#timer?.cancel();
    try {
      const there = await disks();
      this.#forget(there);
      const look = { bayPorts: bayPorts(), usb: await usb() };
      this.#telling.served(look.bayPorts, look.usb);
      this.#plan = plan({
        disks: there,
        mounts: await tools.mounts(),
        contents: this.#contents,
        ...look,
        root,
        clearing: this.#clearing.ports,
      });
      this.#telling.planned(this.#plan);
      for (const step of this.#plan.steps) this.#start(step);
      this.#telling.once('look', '', () => undefined);
    } catch (error) {
      this.#telling.once('look', messageOf(error), () => says.trouble(error, null));
    }
    says.looked();
    if (!this.#stopped) this.#timer = clock.timer('helper.rescan', rescanMs, () => void this.rescan());
  }

  /** Steps of one port run one after the other, those of different ports side by side. */
  #start(step: Step): void {
    if (this.#stopped || this.#busy.has(step.port)) return;
    const { clock, says } = this.#options;
    const beganMs = clock.monotonicMs();
    const doing = this.#do(step)
      .then(
        () => {
          this.#telling.once(`${step.port} ${step.do}`, '', () => undefined);
          return true;
        },
        (error: unknown) => {
          this.#telling.once(`${step.port} ${step.do}`, messageOf(error), () => says.trouble(error, step.port));
          return false;
        },
      )
      .then((well) => {
        this.#busy.delete(step.port);
        says.done(step.do, step.port, Math.round(clock.monotonicMs() - beganMs));
        // What failed is planned again by the next look that is due, not at once: it may fail for as long as somebody keeps a file open.
        if (well) void this.rescan();
      });
    this.#busy.set(step.port, doing);
  }

  async #do(step: Step): Promise<void> {
    const { group, says, tools } = this.#options;
    switch (step.do) {
      case 'read':
        return this.#read(step);
      case 'unmount':
        await this.#clearing.leave(step.port);
        await tools.unmount(step.at);
        return says.unmounted(step.port);
      case 'seal':
        await this.#clearing.seal(step);
        return says.sealed(step.port);
      case 'mount': {
        const { disk, block, fileSystem, at, port } = step;
        const node = `/dev/${block.name}`;
        try {
          // First the kernel's own protection: from here on not even a mistake of ours could write.
          await tools.protect([`/dev/${disk.name}`, node], true);
          await tools.mount({ node, at, fileSystem, options: mountOptions(fileSystem, group) });
        } catch (error) {
          this.#refuse(step, 'not-mounted', error);
          return;
        }
        await this.#assertRightful(step);
        const known = this.#contents.get(blockKey(disk, block));
        const dirty = known?.kind === 'volume' && known.dirty;
        return says.mounted(port, { device: block.name, fileSystem, dirty });
      }
    }
  }

  async #read({ disk, block, port }: Extract<Step, { do: 'read' }>): Promise<void> {
    const { tools } = this.#options;
    try {
      const node = `/dev/${block.name}`;
      const contents = contentsOf(await tools.head(node), block.sizeBytes);
      const isExt4 = contents.kind === 'volume' && contents.fileSystem === 'ext4';
      // Every ext4 has one that the dock may not read: taken for unread recordings, it would keep each such card from green.
      const emptyFolders = isExt4 ? await this.#emptyFolders(disk, block, port) : [];
      this.#contents.set(blockKey(disk, block), { ...contents, emptyFolders });
    } catch (error) {
      this.#refuse({ disk, block }, 'unreadable', error);
    }
  }

  async #emptyFolders(disk: Disk, block: Block, port: string): Promise<readonly string[]> {
    const { group, tools, workshop } = this.#options;
    const node = `/dev/${block.name}`;
    await tools.protect([`/dev/${disk.name}`, node], true);
    const place = join(workshop, `${port}-look`);
    return tools.emptyFolders({ node, at: place, fileSystem: 'ext4', options: mountOptions('ext4', group) }, [
      'lost+found',
    ]);
  }

  /** The name of a device may have gone to another disk between the look and the mount. */
  async #assertRightful({ disk, block, at, port }: Extract<Step, { do: 'mount' }>): Promise<void> {
    const { disks, tools } = this.#options;
    const now = (await disks()).find(({ name }) => name === disk.name);
    const mount = (await tools.mounts()).findLast(({ mountPoint }) => mountPoint === at);
    if (now?.sequence === disk.sequence && now.portPath === port && mount?.device === block.device && mount.sealed)
      return;
    await tools.unmount(at);
    throw new DockError('DOCK_MEDIA_MISTAKEN', {
      expected: phrase`the volume ${block.name} of port ${port}, read-only`,
      found:
        mount === undefined
          ? phrase`none that is seen here`
          : phrase`${mount.device} at ${now?.portPath ?? phrase`no port`}`,
      todo: phrase`Nothing needs to be done if it passes; else report it with the log of custodock-media`,
      retry: 'now',
    });
  }

  #refuse(
    { disk, block }: Pick<Extract<Step, { do: 'read' }>, 'disk' | 'block'>,
    reason: 'unreadable' | 'not-mounted',
    error: unknown,
  ): void {
    const key = blockKey(disk, block);
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const found = error instanceof DockError ? error.found : printable(messageOf(error));
    if (failures >= tries) this.#contents.set(key, { kind: 'refused', reason, found });
    // Read again at the next look, or mounted again.
    else if (reason === 'unreadable') this.#contents.delete(key);
  }

  /** What was known of disks that are gone. */
  #forget(there: readonly Disk[]): void {
    const sequences = new Set(there.map(({ sequence }) => sequence));
    for (const known of [this.#contents, this.#failures]) {
      for (const key of known.keys()) if (!sequences.has(key.split('/')[0] ?? '')) known.delete(key);
    }
  }
}
