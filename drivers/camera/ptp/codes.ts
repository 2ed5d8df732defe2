/** Numbers of PTP (ISO 15740) and MTP 1.1 that this family uses, and of the still-image class on USB. Pure. */

export const operations = {
  getDeviceInfo: 0x1001,
  openSession: 0x1002,
  closeSession: 0x1003,
  getStorageIds: 0x1004,
  getStorageInfo: 0x1005,
  getObjectHandles: 0x1007,
  getObjectInfo: 0x1008,
  getObject: 0x1009,
  deleteObject: 0x100b,
  getDevicePropDesc: 0x1014,
  getDevicePropValue: 0x1015,
  setDevicePropValue: 0x1016,
  getPartialObject: 0x101b,
  /** Android's: offset in two halves. */
  getPartialObject64: 0x95c1,
  getObjectPropValue: 0x9803,
  getObjPropList: 0x9805,
} as const;

export const responses = {
  ok: 0x2001,
  generalError: 0x2002,
  sessionNotOpen: 0x2003,
  operationNotSupported: 0x2005,
  parameterNotSupported: 0x2006,
  incompleteTransfer: 0x2007,
  invalidStorageId: 0x2008,
  invalidObjectHandle: 0x2009,
  propertyNotSupported: 0x200a,
  objectWriteProtected: 0x200d,
  storeReadOnly: 0x200e,
  accessDenied: 0x200f,
  storeNotAvailable: 0x2013,
  specificationByFormatUnsupported: 0x2014,
  deviceBusy: 0x2019,
  invalidParentObject: 0x201a,
  invalidPropertyValue: 0x201c,
  invalidParameter: 0x201d,
  sessionAlreadyOpen: 0x201e,
  transactionCancelled: 0x201f,
  objectPropNotSupported: 0xa80a,
} as const;

export const events = {
  cancelTransaction: 0x4001,
  objectAdded: 0x4002,
  objectRemoved: 0x4003,
  storeAdded: 0x4004,
  storeRemoved: 0x4005,
  deviceReset: 0x400b,
} as const;

export const deviceProperties = { batteryLevel: 0x5001, dateTime: 0x5011 } as const;

export const objectProperties = { objectSize: 0xdc04 } as const;

/** Object format of a folder. */
export const association = 0x3001;

/** Parameter of GetObjectHandles for what lies at the root of a storage. */
export const rootParent = 0xffff_ffff;

/** Size field of ObjectInfo of an object of 4 GiB − 1 bytes and more; length of a container that ends with a short packet. */
export const beyond32Bits = 0xffff_ffff;

/** Access capability of a storage (StorageInfo). */
export const storageAccess = { readWrite: 0, readOnly: 1, readOnlyWithDeletion: 2 } as const;

/** Class requests of the still-image interface. */
export const classRequests = { cancel: 0x64, reset: 0x66, status: 0x67 } as const;

export function hex4(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, '0');
}
