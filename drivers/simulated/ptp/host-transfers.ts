/** Transfers of the host that a simulated device has not asked for yet, whatever bus they came over. One that waits at a time. */
export class HostTransfers {
  #waiting: Uint8Array[] = [];
  #taker: { readonly take: (bytes: Uint8Array) => void; readonly fail: (reason: Error) => void } | undefined;
  #over: Error | undefined;

  push(bytes: Uint8Array): void {
    const taker = this.#taker;
    this.#taker = undefined;
    if (taker === undefined) this.#waiting.push(bytes);
    else taker.take(bytes);
  }

  next(): Promise<Uint8Array> {
    const next = this.#waiting.shift();
    if (next !== undefined) return Promise.resolve(next);
    if (this.#over !== undefined) return Promise.reject(this.#over);
    return new Promise((take, fail) => {
      this.#taker = { take, fail };
    });
  }

  /** The bus was reset: what came is void, and whoever waits hears of it. Others may come. */
  drop(reason: Error): void {
    this.#waiting = [];
    this.#taker?.fail(reason);
    this.#taker = undefined;
  }

  /** Nothing comes any more. */
  close(reason: Error): void {
    this.#over = reason;
    this.drop(reason);
  }
}
