/** The writes under way to one part. The first failure is kept; nothing that follows can make it good. */
import type { PartFile } from '../archive/durable-files.js';
import { onArchive } from '../archive/faults.js';

export class Writes {
  readonly #part: PartFile;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(part: PartFile) {
    this.#part = part;
  }

  add(block: Uint8Array, at: number, release: () => void): void {
    const writing = onArchive(this.#part.write(block, at))
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#running.delete(writing);
        release();
      });
    this.#running.add(writing);
  }

  assertWell(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** All writes begun until now have ended. Resolves to whether all of them went well. */
  async finished(): Promise<boolean> {
    await Promise.all(this.#running);
    return this.#failure === undefined;
  }
}
