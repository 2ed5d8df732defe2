/**
 * What single devices do otherwise than they say, as data. A line needs a source; what a device declares about itself needs none.
 */
import type { UsbDevice } from '../../contract/usb.js';
import type { DeviceInfo } from './datasets.js';

export interface Quirks {
  /** Longest silence that is normal for it, ms. */
  readonly silenceMs: number;
  /** ObjectInfo may have its size in 64 bits, which shifts all that follows. */
  readonly wideObjectInfo: boolean;
  /** A partial read of the last bytes hangs when its answer fills the last packet. */
  readonly hangsAtFullPacket: boolean;
  /** GetObjPropList (9805) is declared and does not work. */
  readonly brokenPropList: boolean;
  /** Answers nothing any more after CloseSession. */
  readonly keepsSession: boolean;
}

const ordinary: Quirks = {
  silenceMs: 20_000,
  wideObjectInfo: false,
  hangsAtFullPacket: false,
  brokenPropList: false,
  keepsSession: false,
};

interface Line {
  readonly source: string;
  readonly fits: (device: UsbDevice, info: DeviceInfo | undefined) => boolean;
  readonly quirks: Partial<Quirks>;
}

const lines: readonly Line[] = [
  {
    source: 'libmtp, music-players.h, 04e8:6860: LONG_TIMEOUT, PROPLIST_OVERRIDES_OI, SAMSUNG_OFFSET_BUG',
    fits: ({ vendorId, productId }) => vendorId === 0x04e8 && (productId === 0x6860 || productId === 0x685c),
    quirks: { silenceMs: 60_000, wideObjectInfo: true, hangsAtFullPacket: true },
  },
  {
    source: 'libmtp, device-flags.h, DEVICE_FLAGS_ANDROID_BUGS, given to whatever calls itself android.com',
    fits: (_, info) => info?.vendorExtension.includes('android.com') === true,
    quirks: { brokenPropList: true },
  },
  {
    source: 'libgphoto2, DEVICE_FLAG_DONT_CLOSE_SESSION: Canon EOS of 2016 and later',
    fits: ({ vendorId }) => vendorId === 0x04a9,
    quirks: { keepsSession: true },
  },
];

/** Before the device has told anything, `info` is undefined. */
export function quirksOf(device: UsbDevice, info: DeviceInfo | undefined): Quirks {
  const found = lines.filter(({ fits }) => fits(device, info)).map(({ quirks }) => quirks);
  return Object.assign({}, ordinary, ...found);
}
