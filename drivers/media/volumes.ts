/**
 * One look at the media root: which volumes are there now.
 *
 * Answerable for: a directory that nothing is mounted on is no volume (an empty mount point must never pass for an empty card),
 * and a volume that hangs holds up only itself (I8). Must never write, and never look into a volume.
 */
import { readFileSync } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Volume } from '../contract/camera.js';
import { type Clock, within } from '../contract/clock.js';
import { DockError, errnoOf, messageOf } from '../contract/error.js';
import { type Phrase, phrase } from '../contract/phrase.js';
import { printable } from '../contract/text.js';
import type { PortReport, RefusedPort } from './helper/plan.js';
import { helperReports } from './helper-client.js';
import { folderId, mountedId } from './mount-id.js';
import { type Mount, mountAt, mountOver, parseMountInfo } from './mountinfo.js';

/** How long one directory may take to say what it is, ms. A card in good order needs less than one. */
const answerWithinMs = 2_000;

/** Where a look gets its facts: the machine, or a test. */
export interface MediaFacts {
  /** Text of /proc/self/mountinfo, latin1. */
  mountInfo(): string;
  /** UUID of the file system on a device (`major:minor`); undefined where nobody has read it. */
  uuid(device: string): Promise<string | undefined>;
  /** What the media helper says of its ports; undefined: there is none. */
  reports(root: string): Promise<readonly PortReport[] | undefined>;
  /** Real path of an entry of the root, and the directory's identity; undefined: it is no directory. */
  lookAt(path: string): Promise<{ readonly path: string; readonly folderId: string } | undefined>;
}

export interface Look {
  readonly volumes: readonly Volume[];
  /** Identity of the root directory itself: another one at the same path has to be watched anew. */
  readonly rootId: string;
  /** Ports whose volumes the media helper will not mount. */
  readonly refused: readonly RefusedPort[];
  /** The first volume that did not answer. */
  readonly stalled: DockError | undefined;
}

export interface MediaOptions {
  /** Absolute path. Belongs to the dock: what is in it is not hostile, what is on the volumes is. */
  readonly root: string;
  /** A directory that is no mount point is no volume; off only for simulated media. */
  readonly requireMount: boolean;
}

export class MediaLooks {
  readonly #options: MediaOptions;
  readonly #clock: Clock;
  readonly #facts: MediaFacts;
  /** Questions that have not been answered yet, by path: none is asked twice, or a dead card would eat thread after thread. */
  readonly #open = new Map<string, Promise<unknown>>();

  constructor(options: MediaOptions, clock: Clock, facts: MediaFacts = machineFacts()) {
    this.#options = options;
    this.#clock = clock;
    this.#facts = facts;
  }

  /** Throws DOCK_MEDIA_ROOT_GONE where there is no root, DOCK_MEDIA_UNREADABLE where it cannot be told what is in it. */
  async look(): Promise<Look> {
    const { root } = this.#options;
    try {
      const opened = await this.#answer(
        root,
        async () => {
          const path = await realpath(root);
          const rootId = folderId(await stat(path, { bigint: true }));
          return { path, rootId, entries: await readdir(path, { withFileTypes: true }) };
        },
        rootStalled,
      );
      // Mounts after names: a directory that was listed and then mounted on is a volume now.
      const mounts = parseMountInfo(this.#facts.mountInfo());
      const reports = (await this.#facts.reports(opened.path)) ?? [];
      const entries = opened.entries.filter(
        (entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink()),
      );
      const looks = await Promise.all(
        entries.map((entry) => this.#volume(opened.path, entry.name, entry.isSymbolicLink(), mounts, reports)),
      );
      const volumes = looks.filter((look): look is Volume => look !== undefined && !(look instanceof DockError));
      volumes.sort((one, other) => (one.name < other.name ? -1 : 1));
      return {
        volumes,
        rootId: opened.rootId,
        refused: reports.filter((report) => report.state === 'refused'),
        stalled: looks.find((look): look is DockError => look instanceof DockError),
      };
    } catch (error) {
      throw error instanceof DockError ? error : rootFault(root, error);
    }
  }

  async #volume(
    root: string,
    name: string,
    isLink: boolean,
    mounts: readonly Mount[],
    reports: readonly PortReport[],
  ): Promise<Volume | DockError | undefined> {
    const entry = join(root, name);
    let place: { readonly path: string; readonly folderId?: string } | undefined = { path: entry };
    // A mount point in the root itself is told from the mount table alone, without touching the volume.
    if (isLink || !this.#options.requireMount) {
      try {
        place = await this.#answer(entry, () => this.#facts.lookAt(entry));
      } catch (error) {
        if (error instanceof DockError) return error;
        // It went away between the two looks, or is a link to nothing: no volume now, and the next look tells again.
        if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ELOOP') return undefined;
        return volumeStalled(name, printable(messageOf(error)));
      }
    }
    if (place === undefined) return undefined;
    const { path } = place;
    const mount = mountAt(mounts, path);
    if (mount === undefined && (this.#options.requireMount || place.folderId === undefined)) return undefined;
    const under = mount ?? mountOver(mounts, path);
    const uuid = mount === undefined ? undefined : await this.#facts.uuid(mount.device);
    return {
      name,
      path,
      mountId: mount === undefined ? (place.folderId ?? '') : mountedId(mount),
      fileSystem: under?.fileSystem ?? 'unknown',
      readOnly: under?.readOnly ?? false,
      ...(mount === undefined
        ? {}
        : factsOf(
            reports.find(({ port }) => port === name),
            mount,
          )),
      ...(uuid === undefined ? {} : { uuid }),
    };
  }

  /** The answer within the deadline; while an earlier question about the same path is open, that one is waited for. */
  async #answer<T>(
    path: string,
    ask: () => Promise<T>,
    stalled: (path: string, found: Phrase) => DockError = volumeStalled,
  ): Promise<T> {
    if (this.#open.has(path)) throw stalled(path, phrase`no answer yet to the look before`);
    const question = ask();
    this.#open.set(path, question);
    const answered = (): void => void this.#open.delete(path);
    question.then(answered, answered);
    return within(this.#clock, 'media.look', answerWithinMs, question, () =>
      stalled(path, phrase`no answer within ${answerWithinMs} ms`),
    );
  }
}

function factsOf(report: PortReport | undefined, { device }: Mount): Pick<Volume, 'dirty' | 'emptyFolders'> {
  const facts = report?.state === 'pending' ? report.volume : report?.state === 'mounted' ? report : undefined;
  if (facts?.device !== device) return {};
  return { dirty: facts.dirty, ...(facts.emptyFolders.length === 0 ? {} : { emptyFolders: facts.emptyFolders }) };
}

/** One plain directory as a volume, for media that were not mounted for the dock: the demo on a user's own folder. */
export async function folderVolume(name: string, path: string): Promise<Volume> {
  const real = await realpath(path);
  const status = await stat(real, { bigint: true });
  const under = mountOver(parseMountInfo(await readFile('/proc/self/mountinfo', 'latin1')), real);
  return {
    name,
    path: real,
    mountId: folderId(status),
    fileSystem: under?.fileSystem ?? 'unknown',
    readOnly: under?.readOnly ?? false,
  };
}

/**
 * The machine's own facts. `udevFolder`: what udev knows, a file for each device. Its links in /dev/disk/by-uuid lead to one device each, and cards
 * that were formatted from one image all have the same UUID.
 */
export function machineFacts(udevFolder = '/run/udev/data'): MediaFacts {
  return {
    // At once, not by way of the thread pool: the kernel writes it from memory, and an idle dock asks for it each second.
    mountInfo: () => readFileSync('/proc/self/mountinfo', 'latin1'),
    uuid: (device) => uuidOf(join(udevFolder, `b${device}`)),
    reports: helperReports,
    lookAt: async (path) => {
      const real = await realpath(path);
      const status = await stat(real, { bigint: true });
      return status.isDirectory() ? { path: real, folderId: folderId(status) } : undefined;
    },
  };
}

async function uuidOf(udevFile: string): Promise<string | undefined> {
  try {
    return /^E:ID_FS_UUID=([\w.-]{1,64})$/m.exec(await readFile(udevFile, 'latin1'))?.[1];
  } catch (error) {
    // Not yet there, already gone, or a machine without udev.
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function rootFault(root: string, cause: unknown): DockError {
  const errno = errnoOf(cause);
  if (errno === 'ENOENT' || errno === 'ENOTDIR') {
    return new DockError('DOCK_MEDIA_ROOT_GONE', {
      expected: phrase`the folder ${root}, where the volumes of cameras appear`,
      found: messageOf(cause),
      todo: phrase`Start custodock-media.service, or correct media.root in the configuration`,
      retry: 'now',
      cause,
    });
  }
  return new DockError('DOCK_MEDIA_UNREADABLE', {
    expected: phrase`to see what is mounted under ${root}`,
    found: messageOf(cause),
    todo: phrase`Check the permissions of media.root for the service user`,
    retry: 'now',
    cause,
  });
}

/** The root is no card: it waits for a thread that cards hold, or for the machine. */
function rootStalled(root: string, found: Phrase): DockError {
  return new DockError('DOCK_MEDIA_UNREADABLE', {
    expected: phrase`to see what is mounted under ${root}`,
    found,
    todo: phrase`Nothing needs to be done if it passes; else look for a card that hangs: journalctl -k`,
    retry: 'now',
  });
}

function volumeStalled(name: string, found: Phrase): DockError {
  return new DockError('DOCK_VOLUME_STALLED', {
    expected: phrase`the volume ${printable(name)} to answer`,
    found,
    todo: phrase`Take the camera out and put it back; if it happens again, its card is failing`,
    retry: 'after-redocking',
  });
}
