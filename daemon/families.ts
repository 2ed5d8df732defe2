/** The camera families of a dock. Adding one here is all that the daemon has to know of it. */
import type { Config } from '../config/schema.js';
import { ambarellaFamily } from '../drivers/camera/ambarella/driver.js';
import { jieliFamily } from '../drivers/camera/jieli/driver.js';
import { massStorageFamily } from '../drivers/camera/mass-storage/driver.js';
import type { CameraFamily } from '../drivers/contract/camera.js';
import type { Clock } from '../drivers/contract/clock.js';
import type { OpenUsb } from '../drivers/contract/usb.js';
import { utcToLocalMs } from './clock/zone.js';

/** `openUsb`: absent where nothing on the USB is to be talked to. */
export function cameraFamilies(config: Config, clock: Clock, openUsb?: OpenUsb): readonly CameraFamily[] {
  const disks = massStorageFamily({ clock, maxRecordings: () => config.media.maxRecordings });
  if (openUsb === undefined) return [disks];
  const localTime = (utcMs: number): number => utcToLocalMs(utcMs, config.dock.timeZone);
  const talking = { clock, openUsb, localTime };
  return [disks, ambarellaFamily(talking), jieliFamily(talking)];
}
