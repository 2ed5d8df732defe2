/** The camera families of a dock. Adding one here is all that the daemon has to know of it. */
import type { Config } from '../config/schema.js';
import { ambarellaFamily } from '../drivers/camera/ambarella/driver.js';
import { jieliFamily } from '../drivers/camera/jieli/driver.js';
import { type MassStorageOptions, massStorageFamily } from '../drivers/camera/mass-storage/driver.js';
import { ptpFamily } from '../drivers/camera/ptp/driver.js';
import type { DeviceTools } from '../drivers/camera/ptp/opening.js';
import type { CameraFamily } from '../drivers/contract/camera.js';
import type { Clock } from '../drivers/contract/clock.js';
import { utcToLocalMs } from '../drivers/contract/zone.js';

/** `usb`: absent where nothing on the USB is to be talked to. `clear`: how recordings leave a card that is mounted read-only. */
export function cameraFamilies(
  config: Config,
  clock: Clock,
  usb?: Pick<DeviceTools, 'open' | 'find'>,
  clear?: MassStorageOptions['clear'],
): readonly CameraFamily[] {
  const maxRecordings = (): number => config.media.maxRecordings;
  const disks = massStorageFamily({ clock, maxRecordings, ...(clear === undefined ? {} : { clear }) });
  if (usb === undefined) return [disks];
  const { open, find } = usb;
  const timeZone = (): string => config.dock.timeZone;
  const localTime = (utcMs: number): number => utcToLocalMs(utcMs, timeZone());
  const talking = { clock, openUsb: open, localTime };
  return [
    disks,
    ambarellaFamily(talking),
    jieliFamily(talking),
    ptpFamily({ clock, open, ...(find === undefined ? {} : { find }), maxRecordings, timeZone }),
  ];
}
