/**
 * Knows when everything that was set going has come to rest: virtual time may only pass while no real file or database
 * operation is on its way, or a seed would not reproduce a run.
 */
import { createHook } from 'node:async_hooks';

/** Requests to the thread pool, by the names that Node and sqlite3 give them. */
const requests = /^(FSREQ|FILEHANDLECLOSEREQ|sqlite3\.)/;

/** Turns of the event loop without a request after which nothing more will come of what was going on. */
const quietTurns = 3;

export function trackRequests(): { readonly settled: () => Promise<void>; stop(): void } {
  const pending = new Set<number>();
  const hook = createHook({
    init(id, type) {
      if (requests.test(type)) pending.add(id);
    },
    after(id) {
      pending.delete(id);
    },
    destroy(id) {
      pending.delete(id);
    },
  });
  hook.enable();
  return {
    async settled() {
      for (let quiet = 0; quiet < quietTurns; ) {
        await new Promise((resolve) => setImmediate(resolve));
        quiet = pending.size === 0 ? quiet + 1 : 0;
      }
    },
    stop: () => hook.disable(),
  };
}
