/**
 * What a device's descriptors say of its interfaces (USB 2.0, chapter 9). Pure.
 *
 * All of it is hostile (I11): lengths that lie end the reading, what does not fit is left out, and nothing is read beyond the bytes.
 */
import type { UsbEndpoint, UsbInterface } from '../contract/usb.js';

const types = { config: 2, interface: 4, endpoint: 5 } as const;
const lengths = { device: 18, config: 9, interface: 9, endpoint: 7 } as const;
const transfers = ['control', 'isochronous', 'bulk', 'interrupt'] as const;
/** More than any camera has; USB allows 30 endpoints beside endpoint 0. */
const most = { interfaces: 32, endpoints: 30 } as const;
const mostPacketBytes = 1024;

export interface DeviceIds {
  readonly vendorId: number;
  readonly productId: number;
}

/** Zeros where the device descriptor is cut. */
export function deviceIds(descriptors: Uint8Array): DeviceIds {
  if (descriptors.length < lengths.device) return { vendorId: 0, productId: 0 };
  const view = viewOf(descriptors);
  return { vendorId: view.getUint16(8, true), productId: view.getUint16(10, true) };
}

/**
 * Interfaces of one configuration in their first setting. `descriptors`: the device descriptor and all configurations, as the kernel keeps
 * them. `names`: interface strings by number.
 */
export function interfacesOf(
  descriptors: Uint8Array,
  configuration: number,
  names: ReadonlyMap<number, string>,
): readonly UsbInterface[] {
  const view = viewOf(descriptors);
  let at: number = lengths.device;
  while (at + lengths.config <= descriptors.length && view.getUint8(at + 1) === types.config) {
    const totalBytes = view.getUint16(at + 2, true);
    if (totalBytes < lengths.config) break;
    const end = Math.min(at + totalBytes, descriptors.length);
    if (view.getUint8(at + 5) === configuration) return interfacesIn(view, at, end, names);
    at = end;
  }
  return [];
}

function interfacesIn(
  view: DataView,
  start: number,
  end: number,
  names: ReadonlyMap<number, string>,
): readonly UsbInterface[] {
  const found = new Map<number, UsbInterface & { readonly endpoints: UsbEndpoint[] }>();
  /** Where endpoints belong: undefined while they are those of another setting. */
  let current: UsbEndpoint[] | undefined;
  for (let at = start; at + 2 <= end; ) {
    const length = view.getUint8(at);
    if (length < 2 || at + length > end) break;
    const type = view.getUint8(at + 1);
    if (type === types.interface && length >= lengths.interface) {
      const number = view.getUint8(at + 2);
      const first = view.getUint8(at + 3) === 0 && !found.has(number) && found.size < most.interfaces;
      current = first ? [] : undefined;
      if (current !== undefined) {
        found.set(number, {
          number,
          classCode: view.getUint8(at + 5),
          subclass: view.getUint8(at + 6),
          protocol: view.getUint8(at + 7),
          name: names.get(number) ?? '',
          endpoints: current,
        });
      }
    } else if (type === types.endpoint && length >= lengths.endpoint) {
      const endpoint = endpointAt(view, at);
      if (endpoint !== undefined && current !== undefined && current.length < most.endpoints) current.push(endpoint);
    }
    at += length;
  }
  return [...found.values()].sort((one, other) => one.number - other.number);
}

function endpointAt(view: DataView, at: number): UsbEndpoint | undefined {
  const address = view.getUint8(at + 2);
  const transfer = transfers[view.getUint8(at + 3) & 0x03] ?? 'control';
  // Bits 11 and 12 count further packets in a microframe.
  const packetBytes = view.getUint16(at + 4, true) & 0x7ff;
  // Endpoint 0 is nobody's, bits 4–6 are reserved, and a transfer in packets of no bytes would never end.
  if ((address & 0x0f) === 0 || (address & 0x70) !== 0 || packetBytes === 0 || packetBytes > mostPacketBytes) {
    return undefined;
  }
  return { address, transfer, packetBytes };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
