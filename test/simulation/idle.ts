/**
 * Knows when everything that was set going has come to rest: virtual time may only pass while no real file or database
 * operation is on its way, or a seed would not reproduce a run.
 */

/** Requests of Node to the thread pool, as `process.getActiveResourcesInfo` names them. */
const requests = new Set(['FSReqPromise', 'FSReqCallback', 'CloseReq', 'FileHandleCloseReq']);
/** Turns of the event loop that are always taken now and then, so that signals and test runners get theirs. */
const turnEvery = 4_096;

/** `others`: requests that Node does not know of, such as those of SQLite. */
export function untilIdle(others: () => number): () => Promise<void> {
  let calls = 0;
  const busy = (): boolean => others() > 0 || process.getActiveResourcesInfo().some((name) => requests.has(name));
  return async () => {
    calls += 1;
    if (calls % turnEvery === 0) await turn();
    for (;;) {
      // All promises that can settle have settled when the next tick comes.
      await new Promise<void>((resolve) => process.nextTick(resolve));
      if (!busy()) return;
      await turn();
    }
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
