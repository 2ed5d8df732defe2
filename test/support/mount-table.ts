/** A machine's mount table and disks, as the media helper's tools change them: what mount(8) and blockdev(8) do, without their rights. */
import type { Mounting, Tools } from '../../drivers/media/helper/tools.js';
import type { Mount } from '../../drivers/media/mountinfo.js';

export class MountTable implements Tools {
  /** First bytes and number of each device, by its node. */
  readonly nodes = new Map<string, { readonly device: string; readonly head: Buffer }>();
  /** Nodes that the kernel lets nobody write to. */
  readonly protected = new Set<string>();
  /** Before a mount; throws where the kernel does not take the file system. */
  onMount: (node: string) => void = () => undefined;
  /** Happens right after a bind. */
  onBind: () => void = () => undefined;
  /** Before a file system becomes read-only; throws where it cannot, as while somebody holds a file open that was erased. */
  onSeal: (device: string) => Promise<void> = async () => undefined;
  /** Places in the helper's own namespace. */
  readonly #private = new Set<string>();
  #mounts: Mount[] = [];
  #id = 0;

  async mounts(): Promise<readonly Mount[]> {
    return this.#mounts;
  }

  /** Where something is mounted now. */
  places(): readonly string[] {
    return this.#mounts.map(({ mountPoint }) => mountPoint).sort();
  }

  async head(node: string): Promise<Buffer> {
    return this.#node(node).head;
  }

  async protect(nodes: readonly string[], on: boolean): Promise<void> {
    for (const node of nodes) {
      if (on) this.protected.add(node);
      else this.protected.delete(node);
    }
  }

  async mount({ node, at, fileSystem, options }: Mounting): Promise<void> {
    const { device } = this.#node(node);
    this.onMount(node);
    const readOnly = options.split(',').includes('ro');
    this.#mounts.push({ id: ++this.#id, device, mountPoint: at, fileSystem, readOnly, sealed: readOnly });
  }

  async emptyFolders(): Promise<readonly string[]> {
    return [];
  }

  async unmount(at: string): Promise<void> {
    this.#takeAway(at, false);
  }

  async bind(at: string, place: string): Promise<void> {
    const mount = this.#mounts.findLast(({ mountPoint }) => mountPoint === at);
    if (mount === undefined) throw new Error(`nothing mounted at ${at}`);
    this.#mounts.push({ ...mount, id: ++this.#id, mountPoint: place });
    this.#private.add(place);
    this.onBind();
  }

  async unbind(place: string): Promise<void> {
    this.#takeAway(place, true);
  }

  async remount(place: string, writable: boolean): Promise<void> {
    const device = this.#mounts.findLast(({ mountPoint }) => mountPoint === place)?.device;
    if (device === undefined) throw new Error(`nothing mounted at ${place}`);
    if (!writable) await this.onSeal(device);
    this.#mounts = this.#mounts.map((mount) => (mount.device === device ? { ...mount, sealed: !writable } : mount));
  }

  async flush(): Promise<void> {
    // Nothing is held back here.
  }

  /** The last that was mounted there, seen from the namespace that it was mounted in. */
  #takeAway(at: string, ours: boolean): void {
    const last = this.#mounts.findLastIndex(({ mountPoint }) => mountPoint === at && this.#private.has(at) === ours);
    if (last < 0) throw new Error(`nothing mounted at ${at}`);
    this.#mounts = this.#mounts.toSpliced(last, 1);
  }

  #node(node: string): { readonly device: string; readonly head: Buffer } {
    const found = this.nodes.get(node);
    if (found === undefined) throw new Error(`no such device: ${node}`);
    return found;
  }
}
