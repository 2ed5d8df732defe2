/**
 * A recording that its session reads out over a protocol, as the copy sees any other source.
 *
 * The bytes come into memory that goes to the session and back, and are copied from there: when a copy has given up, an answer that comes
 * late must not land in a block that somebody else uses by then.
 */
import type { SessionSource } from '../../drivers/contract/camera.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import type { SourceFile, SourceIdentity } from './source-files.js';

/** `signal`: of the copy; its reason is what every read then fails with. */
export async function sessionFile(source: SessionSource, signal: AbortSignal): Promise<SourceFile> {
  const closed = new AbortController();
  const either = AbortSignal.any([signal, closed.signal]);
  const { sizeBytes } = await source.identity();
  const spare: Uint8Array<ArrayBuffer>[] = [];
  const memoryOf = (lengthBytes: number): Uint8Array<ArrayBuffer> => {
    const used = spare.pop();
    return used !== undefined && used.length >= lengthBytes
      ? used.subarray(0, lengthBytes)
      : new Uint8Array(lengthBytes);
  };
  return {
    readPath: 'protocol',
    inOrder: source.inOrder,
    sizeBytes,
    async read(into, lengthBytes, at) {
      either.throwIfAborted();
      const bytes = await source.read(memoryOf(lengthBytes), at, either);
      either.throwIfAborted();
      if (bytes.length > lengthBytes) throw tooMany(lengthBytes, bytes.length);
      into.set(bytes);
      spare.push(new Uint8Array(bytes.buffer));
      return bytes.length;
    },
    identity: () => identityOf(source),
    reachable: () =>
      source.identity().then(
        () => true,
        () => false,
      ),
    close: () => {
      closed.abort(new Error('the source was closed'));
      return Promise.resolve();
    },
  };
}

/** No finer than the camera tells: a protocol with whole seconds cannot show a change within one. */
async function identityOf(source: SessionSource): Promise<SourceIdentity> {
  const { sizeBytes, modifiedMs } = await source.identity();
  return { isFile: true, sizeBytes, modifiedNs: BigInt(modifiedMs) * 1_000_000n };
}

function tooMany(asked: number, got: number): DockError {
  return new DockError('DOCK_RECORDING_UNREADABLE', {
    expected: phrase`at most ${asked} bytes from the session`,
    found: phrase`${got}`,
    todo: phrase`Report this as a defect of Custodock; the recording stays on the camera`,
    retry: 'after-redocking',
  });
}
