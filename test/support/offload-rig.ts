/** A dock's offload with real files, the real mass-storage driver and the real ledger; the copier as the test wants it. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Archive } from '../../daemon/archive/archive.js';
import { durableFiles } from '../../daemon/archive/durable-files.js';
import type { EntryTime } from '../../daemon/custody/entry.js';
import type { Ledger } from '../../daemon/custody/ledger.js';
import { openLedger } from '../../daemon/custody/open.js';
import { BlockPool, blocksPerCopy } from '../../daemon/offload/blocks.js';
import type { Copier } from '../../daemon/offload/copier.js';
import type { CopyTools } from '../../daemon/offload/copying.js';
import { createLocalCopier, defaultWatch, type WatchLimits } from '../../daemon/offload/local-copier.js';
import type { Offload, OffloadProgress, OffloadRequest, OffloadSummary } from '../../daemon/offload/offload.js';
import { createOffload } from '../../daemon/offload/offloader.js';
import { defaultSalvage } from '../../daemon/offload/salvage.js';
import { sourceFiles } from '../../daemon/offload/source-files.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import { massStorageFamily } from '../../drivers/camera/mass-storage/driver.js';
import type { CameraSession } from '../../drivers/contract/camera.js';
import { folderId } from '../../drivers/media/mount-id.js';
import { KeptLog } from './kept-log.js';

export interface OffloadRigOptions {
  readonly tools?: Partial<CopyTools>;
  readonly watch?: WatchLimits;
  readonly copier?: Copier;
  readonly copiesAtOnce?: number;
  readonly erase?: 'never' | 'after-verified';
  readonly mayErase?: () => boolean;
  readonly reserveBytes?: number;
  /** The dock's wall clock minus the true time, ms. */
  readonly wallErrorMs?: number;
  /** A rig whose folders are to be used again: the daemon was started anew. */
  readonly dir?: string;
}

export class OffloadRig {
  readonly log = new KeptLog();
  readonly config: {
    offload: { threads: number; copiesAtOnce: number; erase: 'never' | 'after-verified'; readRetries: number };
  };
  readonly dir: string;
  readonly ledger: Ledger;
  readonly archive: Archive;
  readonly copier: Copier;
  readonly offload: Offload;

  private constructor(dir: string, ledger: Ledger, options: OffloadRigOptions) {
    const { copiesAtOnce = 16, erase = 'never', reserveBytes = 0 } = options;
    this.dir = dir;
    this.ledger = ledger;
    this.archive = new Archive({
      path: join(dir, 'archive'),
      reserveBytes,
      files: options.tools?.files ?? durableFiles,
      clock: systemClock,
      hasRecordings: async () => (await ledger.recordings({ limit: 1 })).length > 0,
    });
    this.config = { offload: { threads: 2, copiesAtOnce, erase, readRetries: 0 } };
    this.copier =
      options.copier ??
      createLocalCopier(
        {
          files: durableFiles,
          sources: sourceFiles,
          blocks: new BlockPool(copiesAtOnce * blocksPerCopy),
          clock: systemClock,
          salvage: { ...defaultSalvage, readRetries: 0 },
          ...options.tools,
        },
        options.watch ?? defaultWatch,
      );
    this.offload = createOffload({
      ledger,
      archive: this.archive,
      config: this.config,
      clock: { ...systemClock, wallMs: () => systemClock.wallMs() + (options.wallErrorMs ?? 0) },
      timeZone: 'Asia/Shanghai',
      copier: this.copier,
      mayErase: options.mayErase ?? (() => true),
      log: this.log,
    });
  }

  static async make(options: OffloadRigOptions = {}): Promise<OffloadRig> {
    const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'custodock-offload-')));
    await mkdir(join(dir, 'state'), { recursive: true });
    const entryClock = (): EntryTime => ({
      utc: new Date().toISOString(),
      boot: '6f1d3a52-0000-4000-8000-000000000001',
      monotonicMs: Math.floor(performance.now()),
      trusted: true,
      source: 'timesyncd',
      errorMs: 4,
    });
    const file = join(dir, 'state', 'ledger.sqlite');
    const { ledger } = await openLedger({ file, dock: 'dock-1', entryClock, clock: systemClock });
    return new OffloadRig(dir, ledger, options);
  }

  /** Lets go of everything; the folders stay for another rig. */
  async stop(): Promise<void> {
    await this.copier.stop();
    await this.ledger.close();
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  cardPath(card: string, path = ''): string {
    return join(this.dir, 'media', card, path);
  }

  async put(card: string, path: string | Buffer, bytes: Uint8Array, modified = '2026-03-02T08:00:00Z'): Promise<void> {
    const full = Buffer.concat([Buffer.from(`${this.cardPath(card)}/`), Buffer.from(path)]);
    await mkdir(dirname(full.toString('latin1')), { recursive: true }).catch(() => undefined);
    await mkdir(this.cardPath(card), { recursive: true });
    await writeFile(full, bytes);
    const time = new Date(modified);
    await utimes(full, time, time);
  }

  async session(card: string, readOnly = true): Promise<CameraSession> {
    const path = this.cardPath(card);
    await mkdir(path, { recursive: true });
    const mountId = folderId(await stat(path, { bigint: true }));
    const volume = { name: card, path, mountId, fileSystem: 'ext4', readOnly, uuid: `0000-${card}` };
    const family = massStorageFamily({ clock: systemClock, maxRecordings: () => 200_000 });
    return family.open({ volume }, new AbortController().signal);
  }

  async request(card: string, changes: Partial<OffloadRequest> = {}): Promise<OffloadRequest> {
    return {
      bay: '1-1',
      docking: randomUUID(),
      camera: card,
      session: await this.session(card, this.config.offload.erase === 'never'),
      priority: false,
      correction: null,
      ...changes,
    };
  }

  async run(
    card: string,
    changes: Partial<OffloadRequest> = {},
    progress: (now: OffloadProgress) => void = () => undefined,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<OffloadSummary> {
    return this.offload.run(await this.request(card, changes), progress, signal);
  }

  archived(archivePath: string): string {
    return join(this.dir, 'archive', archivePath);
  }
}
