/** JieLi recorders: vendor commands on their mass-storage interface, then disk mode. Must never write anything but the time. */
import type { CameraFamily } from '../../contract/camera.js';
import { DockError } from '../../contract/error.js';
import { phrase, verbatim } from '../../contract/phrase.js';
import type { UsbConnection } from '../../contract/usb.js';
import {
  bulkPair,
  mayHaveLeft,
  type StandardDevice,
  type StandardOptions,
  standardFamily,
} from '../standard/family.js';
import { decodeInformation, gbkText, longestBlockBytes } from '../standard/information-block.js';
import { assertDone, refused } from '../standard/result.js';
import { BulkOnly } from './bulk-only.js';
import { jieliModels } from './models.js';
import {
  batteryBytes,
  type DeviceFunction,
  decodeBattery,
  decodeStatus,
  encodeTime,
  idCodeBytes,
  statusBytes,
  vendorCommand,
} from './protocol.js';

export function jieliFamily(options: StandardOptions): CameraFamily {
  return standardFamily(
    {
      name: 'jieli',
      models: jieliModels,
      // Mass storage, SCSI, Bulk-Only Transport.
      interfaceOf: ({ interfaces }) =>
        interfaces.find((one) => one.classCode === 8 && one.protocol === 0x50 && bulkPair(one) !== undefined),
      connect,
    },
    options,
  );
}

async function connect(usb: UsbConnection): Promise<StandardDevice> {
  const scsi = new BulkOnly(usb);
  const read = async (name: DeviceFunction, dataBytes: number): Promise<Uint8Array> => {
    const data = await scsi.in(vendorCommand('read', name, dataBytes), dataBytes);
    assertDone(
      decodeStatus(await scsi.in(vendorCommand('read', 'lastStatus', statusBytes), statusBytes)),
      verbatim(name),
    );
    return data;
  };
  await scsi.out(vendorCommand('write', 'init', 0), new Uint8Array());
  const idCode = gbkText(await read('idCode', idCodeBytes));
  // Who uses it and where is private (M14), and not asked for by anything here: it goes no further.
  const { serial, userNumber } = decodeInformation(await read('readInformation', longestBlockBytes));
  return {
    says: { serial, userNumber, maker: 'JieLi', model: idCode },
    battery: async () => decodeBattery(await read('battery', batteryBytes)),
    setTime: async (second, edge) => {
      const time = encodeTime(second);
      await edge();
      await scsi.out(vendorCommand('write', 'syncTime', time.length), time);
      assertDone(
        decodeStatus(await scsi.in(vendorCommand('read', 'lastStatus', statusBytes), statusBytes)),
        verbatim('syncTime'),
      );
    },
    toDiskMode: async () => {
      const card = decodeStatus(await scsi.in(vendorCommand('read', 'cardStatus', statusBytes), statusBytes));
      if (card === 0)
        throw refused('DOCK_CAMERA_NO_CARD', phrase`a card in the camera`, phrase`none`, 'after-redocking');
      await agreed(scsi.out(vendorCommand('write', 'diskMode', 0), new Uint8Array()));
    },
  };
}

async function agreed(command: Promise<void>): Promise<void> {
  try {
    await command;
  } catch (error) {
    if (mayHaveLeft(error)) return;
    if (!(error instanceof DockError)) throw error;
    if (error.code !== 'DOCK_CAMERA_COMMAND_REFUSED') throw error;
    throw refused('DOCK_CAMERA_DISK_MODE_REFUSED', phrase`the camera to switch to disk mode`, error.found, 'now');
  }
}
