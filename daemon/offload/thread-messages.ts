/** What passes between the pool of copying threads and one thread. Plain data; errors in parts, since threads do not share classes. */
import type { MessagePort } from 'node:worker_threads';
import type { FileSource } from '../../drivers/contract/camera.js';
import { DockError, type DockErrorCode, messageOf, type Retry } from '../../drivers/contract/error.js';
import type { Phrase } from '../../drivers/contract/phrase.js';
import type { CopyJob, CopyProgress, CopyResult, PartJob, PartResult } from './copier.js';
import type { SalvageLimits } from './salvage.js';

/** Given to a thread at its start. */
export interface ThreadOptions {
  /** Most blocks of memory of this thread. */
  readonly blocks: number;
  readonly salvage: SalvageLimits;
}

/** A session stays in its thread: the copying one asks it through a port. */
export type ThreadJob = Omit<CopyJob, 'source'> & {
  readonly source: FileSource | { readonly kind: 'port'; readonly port: MessagePort; readonly inOrder: boolean };
};

export type ToThread =
  | { readonly kind: 'start'; readonly id: number; readonly job: ThreadJob }
  | { readonly kind: 'take-in'; readonly id: number; readonly job: PartJob }
  | { readonly kind: 'cancel' | 'pause' | 'resume'; readonly id: number };

export type FromThread =
  | { readonly kind: 'progress'; readonly id: number; readonly now: CopyProgress }
  | { readonly kind: 'released'; readonly id: number }
  | { readonly kind: 'done'; readonly id: number; readonly result: CopyResult | PartResult }
  | { readonly kind: 'failed'; readonly id: number; readonly error: PackedError };

export type PackedError =
  | {
      readonly code: DockErrorCode;
      readonly expected: Phrase;
      readonly found: Phrase;
      readonly todo: Phrase;
      readonly retry: Retry;
    }
  | { readonly message: string };

export function packError(error: unknown): PackedError {
  if (!(error instanceof DockError)) return { message: messageOf(error) };
  const { code, expected, found, todo, retry } = error;
  return { code, expected, found, todo, retry };
}

export function unpackError(packed: PackedError): Error {
  return 'code' in packed ? new DockError(packed.code, packed) : new Error(packed.message);
}
