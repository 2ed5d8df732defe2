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
import { Clearing, type ClearRequest } from './clearing.js';
import { contentsOf } from './contents.js';
import {
  type Block,
  blockKey,
  type Disk,
  type Known,
  mountOptions,
  type Plan,
  type PortReport,
  plan,
  type Step,
} from './plan.js';
import type { Tools } from './tools.js';

export interface HelperOptions {
  /** Media root, absolute: volumes appear as `<root>/<port path>`. */
  readonly root: string;
  /** Folder that only this process sees into: volumes are made writable here. */
  readonly workshop: string;
  /** Group that may read volumes whose file system knows no owners. */
  readonly group: number;
  readonly hubs: () => ReadonlySet<string>;
  /** ms between looks even when nothing was hinted. */
  readonly rescanMs: number;
  readonly clock: Clock;
  readonly tools: Tools;
  readonly disks: () => Promise<readonly Disk[]>;
  readonly says: HelperListener;
}

/** What the helper has to say. Each fact once, when it comes to be so. */
export interface HelperListener {
  /** The state of all ports, whenever it differs. */
  ports(reports: readonly PortReport[]): void;
  mounted(
    port: string,
    fields: { readonly device: string; readonly fileSystem: string; readonly dirty: boolean },
  ): void;
  refused(error: DockError, port: string): void;
  /** A step is over, well or not. */
  done(step: Step['do'], port: string, tookMs: number): void;
  unmounted(port: string): void;
  sealed(port: string): void;
  /** On the USB, but behind no configured hub. */
  stranger(port: string, device: string): void;
  cleared(port: string, path: string): void;
  trouble(error: unknown, port: string | null): void;
  /** A look came to its end. */
  looked(): void;
}

/** Refusals that another try may mend: a card reader that was still starting. */
const tries = 3;

export class MediaHelper {
  readonly #options: HelperOptions;
  readonly #clearing: Clearing;
  readonly #contents = new Map<string, Known>();
  readonly #failures = new Map<string, number>();
  readonly #busy = new Map<string, Promise<void>>();
  readonly #said = new Map<string, string>();
  #told = '';
  #running: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  #timer: Timer | undefined;
  #stopped = false;
  #plan: Plan = { steps: [], ports: [], strangers: [] };

  constructor(options: HelperOptions) {
    this.#options = options;
    this.#clearing = new Clearing({ ...options, ended: () => void this.rescan() });
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
    await this.rescan();
    const report = this.#plan.ports.find(({ port }) => port === request.port);
    const disk = (await this.#options.disks()).find(({ portPath }) => portPath === request.port);
    await this.#clearing.clear(request, report, disk);
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
    const { clock, disks, hubs, root, rescanMs, says, tools } = this.#options;
    this.#timer?.cancel();
    try {
      const there = await disks();
      this.#forget(there);
      this.#plan = plan({
        disks: there,
        mounts: await tools.mounts(),
        contents: this.#contents,
        hubs: hubs(),
        root,
        clearing: this.#clearing.ports,
      });
      this.#say(this.#plan);
      for (const step of this.#plan.steps) this.#start(step);
      this.#once('look', '', () => undefined);
    } catch (error) {
      this.#once('look', messageOf(error), () => says.trouble(error, null));
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
      .then(() => this.#once(`${step.port} ${step.do}`, '', () => undefined))
      .catch((error: unknown) =>
        this.#once(`${step.port} ${step.do}`, messageOf(error), () => this.#options.says.trouble(error, step.port)),
      )
      .finally(() => {
        this.#busy.delete(step.port);
        says.done(step.do, step.port, Math.round(clock.monotonicMs() - beganMs));
        void this.rescan();
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

  #say({ ports, strangers }: Plan): void {
    const { says } = this.#options;
    const text = JSON.stringify(ports);
    if (text !== this.#told) {
      this.#told = text;
      says.ports(ports);
    }
    for (const report of ports) {
      const refused = report.state === 'refused' ? `${report.reason} ${report.found}` : '';
      this.#once(`refused ${report.port}`, refused, () => says.refused(refusal(report), report.port));
    }
    const seen = new Set(ports.map(({ port }) => `refused ${port}`));
    for (const { port, name } of strangers) {
      seen.add(`stranger ${port} ${name}`);
      this.#once(`stranger ${port} ${name}`, 'there', () => says.stranger(port, name));
    }
    // Whatever comes again after it was gone is said again.
    for (const key of this.#said.keys()) {
      if (/^(?:refused|stranger) /.test(key) && !seen.has(key)) this.#said.delete(key);
    }
  }

  /** Says what differs from what was said last under this key; nothing where there is nothing to say. */
  #once(key: string, text: string, say: () => void): void {
    if (this.#said.get(key) === text) return;
    this.#said.set(key, text);
    if (text !== '') say();
  }
}

function refusal(report: PortReport): DockError {
  const { reason, found } = report.state === 'refused' ? report : { reason: 'unknown', found: '' };
  return new DockError('DOCK_VOLUME_UNFIT', {
    expected: phrase`one volume with vfat, exFAT or ext4, whole and used by nobody else`,
    found: phrase`${reason}: ${printable(found)}`,
    todo: phrase`Keep the card as it is: nothing was written to it; have a technician look at it`,
    retry: 'after-redocking',
  });
}
