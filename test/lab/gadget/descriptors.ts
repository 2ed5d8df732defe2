/** What a FunctionFS function writes to ep0 to say what it is (linux/usb/functionfs.h). Pure. */
import type { UsbEndpoint, UsbInterface } from '../../../drivers/contract/usb.js';

const magic = { strings: 2, descriptors: 3 } as const;
const has = { fullSpeed: 1, highSpeed: 2 } as const;
const english = 0x0409;

/** Largest bulk packet by the bus's speed (USB 2.0, 5.8.3); interrupt endpoints keep what the device shows. */
const bulkPacketBytes = { fullSpeed: 64, highSpeed: 512 } as const;
/** bInterval of interrupt endpoints: 8 ms in frames, and 8 ms as a power of two of microframes. */
const interval = { fullSpeed: 8, highSpeed: 7 } as const;

type Speed = keyof typeof bulkPacketBytes;

/** The interface at both speeds. Endpoint numbers are the controller's to choose; their order stays. */
export function functionDescriptors(shown: UsbInterface): Buffer {
  const each = (['fullSpeed', 'highSpeed'] as const).map((speed) => [
    interfaceDescriptor(shown),
    ...shown.endpoints.map((endpoint) => endpointDescriptor(endpoint, speed)),
  ]);
  const counts = each.map((descriptors) => u32(descriptors.length));
  const rest = Buffer.concat([...counts, ...each.flat()]);
  return Buffer.concat([u32(magic.descriptors), u32(12 + rest.length), u32(has.fullSpeed | has.highSpeed), rest]);
}

export function functionStrings({ name }: UsbInterface): Buffer {
  if (name === '') return Buffer.concat([u32(magic.strings), u32(16), u32(0), u32(0)]);
  const text = Buffer.from(`${name}\0`);
  const language = Buffer.alloc(2);
  language.writeUInt16LE(english);
  return Buffer.concat([u32(magic.strings), u32(18 + text.length), u32(1), u32(1), language, text]);
}

function interfaceDescriptor({ classCode, subclass, protocol, name, endpoints }: UsbInterface): Buffer {
  return Buffer.from([9, 4, 0, 0, endpoints.length, classCode, subclass, protocol, name === '' ? 0 : 1]);
}

function endpointDescriptor({ address, transfer, packetBytes }: UsbEndpoint, speed: Speed): Buffer {
  const isBulk = transfer === 'bulk';
  const bytes = isBulk ? bulkPacketBytes[speed] : packetBytes;
  return Buffer.from([7, 5, address, isBulk ? 2 : 3, bytes & 0xff, bytes >> 8, isBulk ? 0 : interval[speed]]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
