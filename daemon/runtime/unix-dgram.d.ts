/** The part of the package that `datagram.ts` uses; it ships no types of its own. */
declare module 'unix-dgram' {
  interface UnixDatagramError extends Error {
    /** Negative errno of the failed call; 1 means that the receiver's queue is full. */
    readonly errno: number;
  }

  interface UnixDatagramSocket {
    send(bytes: Buffer, offset: number, length: number, path: string, done: (error?: UnixDatagramError) => void): void;
    bind(path: string): void;
    close(): void;
    on(event: 'error', listener: (error: UnixDatagramError) => void): this;
  }

  export function createSocket(type: 'unix_dgram', onMessage?: (bytes: Buffer) => void): UnixDatagramSocket;
}
