/**
 * What is on the USB, and how to speak to one device: everything a camera family needs, whoever moves the bytes (libusb, a
 * simulated device in memory).
 *
 * A device is known by its port path, which stays through every mode switch (I7). What it says of itself is hostile (I11).
 */

export interface UsbEndpoint {
  /** bEndpointAddress: bit 7 set for IN. */
  readonly address: number;
  readonly transfer: 'control' | 'isochronous' | 'bulk' | 'interrupt';
  /** Bytes, 1–1024. */
  readonly packetBytes: number;
}

export interface UsbInterface {
  /** bInterfaceNumber. */
  readonly number: number;
  /** bInterfaceClass, bInterfaceSubClass, bInterfaceProtocol: 0–255 each. */
  readonly classCode: number;
  readonly subclass: number;
  readonly protocol: number;
  /** Interface string made fit to be shown, '' where it has none. */
  readonly name: string;
  readonly endpoints: readonly UsbEndpoint[];
}

/** One enumeration of one device, as the kernel shows it in sysfs. */
export interface UsbDevice {
  /** `1-1.3`: bus and ports from the root, as in /sys/bus/usb/devices. */
  readonly portPath: string;
  /** Tells this enumeration from the one before at the same port: another value, and everything that was opened is void. */
  readonly enumeration: string;
  /** 0–65535. */
  readonly vendorId: number;
  readonly productId: number;
  /** String descriptors made fit to be shown, '' where there is none. */
  readonly maker: string;
  readonly product: string;
  readonly serial: string;
  readonly interfaces: readonly UsbInterface[];
}

/** One look at all of the USB. */
export interface UsbLook {
  /** In the order of their port paths. Hubs are among them, root hubs are not. */
  readonly devices: readonly UsbDevice[];
  /**
   * The lasting place of every port that the kernel knows now, by its port path: `1.3@pci0000:00/0000:00:14.0`, the ports from the root
   * and the controller, which stays when buses are numbered anew (I7). Both halves (USB 2 and 3) of one hub port are one place.
   */
  readonly places: ReadonlyMap<string, string>;
}

/** Setup packet of a request on endpoint 0 (USB 2.0, section 9.3). */
export interface UsbRequest {
  readonly type: 'standard' | 'class' | 'vendor';
  readonly recipient: 'device' | 'interface' | 'endpoint';
  /** bRequest, 0–255. */
  readonly request: number;
  /** wValue and wIndex, 0–65535. */
  readonly value: number;
  readonly index: number;
}

/**
 * One claimed interface. One transfer to an endpoint at a time. Every call fails with a DockError:
 * DOCK_USB_TIMEOUT (`now`; what had come until then is lost or still to come: resynchronise), DOCK_USB_STALL (`now`, after
 * `clearHalt`), DOCK_USB_OVERRUN (`now`: more came than was asked for), DOCK_USB_GONE (`after-redocking`: this object is void),
 * DOCK_USB_FAILED.
 */
export interface UsbConnection {
  readonly device: UsbDevice;
  readonly interface: UsbInterface;
  controlIn(request: UsbRequest, lengthBytes: number, deadlineMs: number): Promise<Uint8Array>;
  controlOut(request: UsbRequest, bytes: Uint8Array, deadlineMs: number): Promise<void>;
  /**
   * One IN transfer on a bulk or interrupt endpoint: ends when `memory` is full, a multiple of the packet size, or at a short packet,
   * which may be empty. Resolves to that part of `memory` which was filled. It is the transfer's until then, and for good where the
   * connection is void afterwards.
   */
  transferIn(endpoint: number, memory: Uint8Array<ArrayBuffer>, deadlineMs: number): Promise<Uint8Array<ArrayBuffer>>;
  /** All bytes in one transfer; `endWithShortPacket` adds an empty packet where they fill the last one. */
  transferOut(endpoint: number, bytes: Uint8Array, endWithShortPacket: boolean, deadlineMs: number): Promise<void>;
  clearHalt(endpoint: number): Promise<void>;
  /** Resets the device's port. The interface stays claimed where the device comes back the same, else DOCK_USB_GONE. */
  reset(): Promise<void>;
  /**
   * Releases the interface and gives it back to the kernel's driver where `open` took it from one. Transfers under way fail with
   * DOCK_USB_GONE. Idempotent, never fails.
   */
  close(): Promise<void>;
}

/**
 * Claims one interface, taking it from a kernel driver that has it. Fails with DOCK_USB_GONE when another enumeration is there
 * by now, DOCK_USB_DENIED without permission, DOCK_USB_BUSY when another program has it.
 */
export type OpenUsb = (device: UsbDevice, interfaceNumber: number, signal: AbortSignal) => Promise<UsbConnection>;
