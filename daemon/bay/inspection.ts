/** What is entered of a look at a camera: battery, storage, faults, clock, card (M5). Pure. */
import type { Volume } from '../../drivers/contract/camera.js';
import type { ClockOffset } from '../clock/measure.js';
import type { EntryBody } from '../custody/entry.js';
import { entryOffset } from './camera-clock.js';
import type { Vitals } from './vitals.js';

/** Null wherever the camera could not say. */
export function inspection(
  place: { readonly bay: string; readonly docking: string; readonly camera: string },
  { battery, storage, faults }: Pick<Vitals, 'battery' | 'storage' | 'faults'>,
  offset: ClockOffset | undefined,
  volume: Volume | undefined,
): EntryBody<'camera.inspected'> {
  return {
    ...place,
    batteryPercent: battery?.percent ?? null,
    storage: storage ?? null,
    faults: faults === undefined || faults === 'cannot-tell' ? null : [...faults],
    clock: offset === undefined ? null : entryOffset(offset),
    volume:
      volume === undefined
        ? null
        : {
            fileSystem: volume.fileSystem,
            uuid: volume.uuid ?? null,
            readOnly: volume.readOnly,
            dirty: volume.dirty ?? null,
          },
  };
}
