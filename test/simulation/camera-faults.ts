/** Reading from simulated cards with the faults that cards have: pulled out, stalled, unreadable in places, changed meanwhile. */
import type { SourceFile, SourceFiles } from '../../daemon/offload/source-files.js';
import { sourceFiles } from '../../daemon/offload/source-files.js';
import { errno } from './archive-faults.js';
import type { SimCamera } from './camera.js';
import type { Incarnation } from './incarnation.js';

/** What happens at a read, beyond faults of the medium: the world decides. */
export interface ReadEvents {
  /** The camera whose card this path is on now. */
  cameraAt(path: string): { readonly camera: SimCamera; readonly relative: string } | undefined;
  /** Just before a read of this recording. */
  beforeRead(camera: SimCamera, relative: string): void;
}

export function faultySources(by: Incarnation, events: ReadEvents): SourceFiles {
  return {
    open: (source, signal) =>
      by.operation(async () => {
        if (source.kind !== 'file') throw new Error('cards of the simulation are volumes');
        const path = Buffer.from(source.path).toString('latin1');
        const found = events.cameraAt(path);
        if (found === undefined) throw errno('ENODEV');
        const { camera, relative } = found;
        const { volume } = camera;
        const file = await sourceFiles.open(source, signal);
        const handle = by.opened(() => file.close());
        const assertThere = (): void => {
          if (camera.volume !== volume) throw errno('ENODEV');
        };
        const faulty: SourceFile = {
          readPath: file.readPath,
          inOrder: file.inOrder,
          sizeBytes: file.sizeBytes,
          read: (into, lengthBytes, at) =>
            by.operation(async () => {
              events.beforeRead(camera, relative);
              await camera.answering();
              assertThere();
              if (camera.flakyReads > 0) {
                camera.flakyReads -= 1;
                throw errno('EIO');
              }
              const end = at + lengthBytes;
              if (camera.bad.get(relative)?.some(({ from, to }) => at < to && end > from) === true) throw errno('EIO');
              return file.read(into, lengthBytes, at);
            }),
          identity: () =>
            by.operation(async () => {
              assertThere();
              return file.identity();
            }),
          reachable: () => by.operation(() => file.reachable()),
          close: () =>
            by.operation(async () => {
              handle.closed();
              await file.close();
            }),
        };
        return faulty;
      }),
  };
}
