/** What lies on a device: its storages, the objects in a folder, what is told of one object. Nothing here writes. */
import type { Storage } from '../../contract/camera.js';
import { DockError } from '../../contract/error.js';
import { phrase } from '../../contract/phrase.js';
import { association, beyond32Bits, objectProperties, operations, responses, rootParent } from './codes.js';
import { DatasetReader } from './dataset-reader.js';
import {
  decodeNumbers,
  decodeObjectInfo,
  decodeObjectPropList,
  decodeStorageInfo,
  type StorageInfo,
  wholeNumber,
} from './datasets.js';
import { fractionMs, parsePtpTime, ptpTimeToLocalMs } from './date-time.js';
import type { PtpDevice } from './device.js';
import { refused } from './faults.js';

/** A folder with very many objects is read from the card before the first of them is told, ms. */
const directoryMs = 60_000;

export interface PtpObject {
  readonly handle: number;
  readonly storage: number;
  /** 0 or `rootParent` at the root. */
  readonly parent: number;
  readonly isFolder: boolean;
  readonly name: string;
  /** Undefined where the device does not tell it. */
  readonly sizeBytes: number | undefined;
  /** Wall time in the dock's zone as if it were UTC; 0 where the device tells none. */
  readonly modifiedMs: number;
}

export class PtpObjects {
  readonly device: PtpDevice;
  readonly #timeZone: () => string;

  constructor(device: PtpDevice, timeZone: () => string) {
    this.device = device;
    this.#timeZone = timeZone;
  }

  /** Ids of storages that have a medium in them. */
  async storages(signal?: AbortSignal): Promise<readonly number[]> {
    const data = await this.device.request(phrase`list its storages`, { operation: operations.getStorageIds }, signal);
    // The lower half is 0 for a slot without a card.
    return decodeNumbers(data, 'StorageIDs').filter((id) => (id & 0xffff) !== 0);
  }

  async storageInfo(storage: number): Promise<StorageInfo> {
    const question = { operation: operations.getStorageInfo, parameters: [storage] };
    return decodeStorageInfo(await this.device.request(phrase`describe its storage`, question));
  }

  /** All storages together. */
  async storage(): Promise<Storage> {
    let capacityBytes = 0;
    let freeBytes = 0;
    for (const id of await this.storages()) {
      const info = await this.storageInfo(id);
      capacityBytes += info.capacityBytes;
      freeBytes += info.freeBytes;
    }
    return { capacityBytes, freeBytes };
  }

  /**
   * Handles of the objects in a folder (`rootParent`: in the storage), rising, at most `most`; where there are more, DOCK_PTP_TOO_MUCH.
   * Some devices answer with everything that is on the storage instead.
   */
  async handles(
    storage: number,
    folder: number,
    most: number,
    generation: number,
    signal: AbortSignal,
  ): Promise<readonly number[]> {
    const question = (parent: number) => ({
      operation: operations.getObjectHandles,
      parameters: [storage, 0, parent],
      mostBytes: 4 + 4 * most,
      silenceMs: directoryMs,
      wholeMs: 2 * directoryMs,
      generation,
    });
    let { code, data } = await this.device.ask(question(folder), signal);
    // Devices without folders know only the question for all.
    if (folder === rootParent && notForFolders.has(code)) ({ code, data } = await this.device.ask(question(0), signal));
    if (code !== responses.ok) throw refused(phrase`list a folder`, code);
    return [...decodeNumbers(data, 'ObjectHandles')].sort((one, other) => one - other);
  }

  /** Undefined where there is no such object any more. */
  async object(handle: number, generation: number, signal?: AbortSignal): Promise<PtpObject | undefined> {
    const question = { operation: operations.getObjectInfo, parameters: [handle], generation };
    const { code, data } = await this.device.ask(question, signal);
    if (code === responses.invalidObjectHandle) return undefined;
    if (code !== responses.ok) throw refused(phrase`describe an object`, code);
    const info = decodeObjectInfo(data, this.device.quirks.wideObjectInfo);
    const isFolder = info.format === association;
    const large = info.sizeField === beyond32Bits && !isFolder;
    return {
      handle,
      storage: info.storage,
      parent: info.parent,
      isFolder,
      name: info.name,
      sizeBytes: large ? await this.#largeSize(handle, generation, signal) : info.sizeField,
      modifiedMs: this.#timeOf(info.modified) ?? this.#timeOf(info.captured) ?? 0,
    };
  }

  #timeOf(raw: string): number | undefined {
    const time = parsePtpTime(raw);
    return time === undefined ? undefined : ptpTimeToLocalMs(time, this.#timeZone()) + fractionMs(time);
  }

  /** Of objects beyond 32 bits: as one property, else as a list of one. */
  async #largeSize(handle: number, generation: number, signal?: AbortSignal): Promise<number | undefined> {
    const { device } = this;
    const { objectSize } = objectProperties;
    if (device.info.operations.has(operations.getObjectPropValue)) {
      const question = { operation: operations.getObjectPropValue, parameters: [handle, objectSize], generation };
      const { code, data } = await device.ask(question, signal);
      if (code === responses.ok) return sizeIn(data);
    }
    if (device.info.operations.has(operations.getObjPropList) && !device.quirks.brokenPropList) {
      const parameters = [handle, 0, objectSize, 0, 0];
      const { code, data } = await device.ask({ operation: operations.getObjPropList, parameters, generation }, signal);
      if (code !== responses.ok) return undefined;
      for (const { handle: of, property, value } of decodeObjectPropList(data)) {
        if (of === handle && property === objectSize) return wholeNumber(value, phrase`a size`);
      }
    }
    return undefined;
  }
}

const notForFolders: ReadonlySet<number> = new Set([
  responses.parameterNotSupported,
  responses.invalidObjectHandle,
  responses.specificationByFormatUnsupported,
  responses.invalidParentObject,
  responses.invalidParameter,
]);

function sizeIn(data: Uint8Array): number {
  const reader = new DatasetReader(data, 'ObjectSize');
  return data.length >= 8 ? wholeNumber(reader.u64(), phrase`a size`) : reader.u32();
}

/** What one object's trouble is, and no more. */
export function concernsOneObject(error: unknown): boolean {
  if (!(error instanceof DockError)) return false;
  const { code } = error;
  return code === 'DOCK_PTP_REFUSED' || code === 'DOCK_PTP_MALFORMED' || code === 'DOCK_PTP_INTERRUPTED';
}
