/** A JieLi recorder at the wire: Bulk-Only Transport with vendor commands; and what can be wrong with its phases. */
import { type Command, decodeCommandWrapper, statusWrapper } from '../../camera/jieli/wrappers.js';
import { informationLayouts } from '../../camera/standard/information-block.js';
import type { UsbRequest } from '../../contract/usb.js';
import { encodeInformation } from '../standard-block.js';
import type { StandardCamera } from '../standard-camera.js';
import type { DevicePipe, SimulatedDevice } from '../usb-bus.js';
import { driveAnswer, isVendorCommand } from './drive.js';

export const phaseFaults = [
  'no-data',
  'no-status',
  'status-stall',
  'data-stall',
  'status-at-once',
  'wrong-tag',
  'wrong-signature',
  'short-status',
  'residue-too-large',
  'phase-error',
  'failed',
  'too-much-data',
  'wrong-password',
] as const;
export type PhaseFault = (typeof phaseFaults)[number];

const functionNames: Readonly<Record<number, string>> = {
  1: 'init',
  2: 'idCode',
  3: 'readInformation',
  5: 'syncTime',
  6: 'diskMode',
  8: 'battery',
  12: 'cardStatus',
  14: 'lastStatus',
};

const inEndpoint = 0x82;

export class JieliDevice implements SimulatedDevice {
  readonly shows = {
    vendorId: 0x4c4a,
    productId: 0x4456,
    maker: 'JIELI',
    product: 'DV16 DEVICE V1.00',
    serial: '',
    interfaces: [
      {
        number: 0,
        classCode: 8,
        subclass: 6,
        protocol: 0x50,
        name: '',
        endpoints: [
          { address: inEndpoint, transfer: 'bulk', packetBytes: 64 },
          { address: 0x02, transfer: 'bulk', packetBytes: 64 },
        ],
      },
    ],
  } as const;
  /** By function, `drive` for what every disk is asked; one that is counted down to 0 is over. */
  readonly faults = new Map<string, { readonly fault: PhaseFault; times: number }>();
  /** Functions as they were asked for, and `reset` for each mass-storage reset. */
  readonly heard: string[] = [];
  layout: keyof typeof informationLayouts = 'packed';
  cardIn = true;
  /** How firmware without an error counts; 0 in the kit, the standard codes elsewhere. */
  goodStatus = 0;
  readonly #camera: StandardCamera;
  /** A command whose data the host still owes. */
  #owed: Command | undefined;
  /** Sent once the host has cleared the halt of the IN endpoint. */
  #afterClear: Uint8Array | undefined;
  #status = 0;

  constructor(camera: StandardCamera) {
    this.#camera = camera;
  }

  received(bytes: Uint8Array, pipe: DevicePipe): void {
    const owed = this.#owed;
    if (owed !== undefined) {
      this.#owed = undefined;
      this.#take(owed, bytes);
      this.#finish(owed, pipe, 0, isVendorCommand(owed.cdb));
      return;
    }
    const command = decodeCommandWrapper(bytes);
    if (command === undefined) {
      // Not valid: both pipes stall until reset recovery (6.6.1).
      pipe.stallIn();
      pipe.stallOut();
      return;
    }
    this.heard.push(nameOf(command));
    if (command.direction === 'out' && command.lengthBytes > 0) this.#owed = command;
    else if (command.direction === 'out') this.#finish(command, pipe, 0, this.#order(command));
    else if (isVendorCommand(command.cdb)) this.#answer(command, pipe);
    else this.#answerAsDrive(command, pipe);
  }

  requested({ type, request }: UsbRequest, pipe: DevicePipe): boolean {
    if (type !== 'class' || request !== 0xff) return false;
    this.heard.push('reset');
    pipe.empty();
    this.#owed = undefined;
    this.#afterClear = undefined;
    return true;
  }

  cleared(endpoint: number, pipe: DevicePipe): void {
    const held = this.#afterClear;
    if (endpoint !== inEndpoint || held === undefined) return;
    this.#afterClear = undefined;
    pipe.transfer(held);
  }

  reset(): void {
    this.#owed = undefined;
    this.#afterClear = undefined;
    this.#status = this.goodStatus;
  }

  #answerAsDrive({ cdb, tag, lengthBytes }: Command, pipe: DevicePipe): void {
    if (this.#fault('drive') === 'no-data') return;
    const data = driveAnswer(cdb)?.subarray(0, lengthBytes);
    const residueBytes = lengthBytes - (data?.length ?? 0);
    if (data === undefined) {
      pipe.stallIn();
      this.#afterClear = statusWrapper(tag, { result: 'failed', residueBytes });
      return;
    }
    pipe.transfer(data);
    pipe.transfer(statusWrapper(tag, { result: 'passed', residueBytes }));
  }

  /** Commands without data. */
  #order(command: Command): boolean {
    return nameOf(command) === 'diskMode' ? this.#camera.askDiskMode() : nameOf(command) === 'init';
  }

  #take(command: Command, data: Uint8Array): void {
    if (nameOf(command) !== 'syncTime' || data.length !== 7) return;
    const [low = 0, high = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = data;
    this.#camera.setShown(Date.UTC(low + high * 256, month - 1, day, hour, minute, second));
  }

  #data(command: Command): Uint8Array {
    const { options, serial, batteryPercent } = this.#camera;
    switch (nameOf(command)) {
      case 'idCode':
        return Buffer.from('JL5301');
      case 'readInformation':
        return encodeInformation(informationLayouts[this.layout], [
          serial,
          Buffer.from(options.userNumber ?? ''),
          options.userName ?? new Uint8Array(),
        ]);
      case 'battery':
        return Uint8Array.of(batteryPercent, 0, 0, 0);
      case 'cardStatus':
        return Uint8Array.of(this.cardIn ? 1 : 0, 0, 0, 0);
      default:
        return Uint8Array.of(this.#status, 0, 0, 0);
    }
  }

  #answer(command: Command, pipe: DevicePipe): void {
    const whole = this.#data(command);
    const data = whole.subarray(0, command.lengthBytes);
    const fault = this.#fault(nameOf(command));
    const status = statusWrapper(command.tag, { result: 'passed', residueBytes: command.lengthBytes - data.length });
    switch (fault) {
      case 'no-data':
        return;
      case 'too-much-data':
        pipe.transfer(Buffer.alloc(4_096, 0x41));
        return;
      case 'data-stall':
        pipe.stallIn();
        this.#afterClear = statusWrapper(command.tag, { result: 'failed', residueBytes: command.lengthBytes });
        return;
      case 'status-at-once':
        pipe.transfer(statusWrapper(command.tag, { result: 'failed', residueBytes: command.lengthBytes }));
        return;
      case 'wrong-password':
        this.#status = 4;
        break;
      default:
        if (nameOf(command) !== 'lastStatus') this.#status = this.goodStatus;
    }
    pipe.transfer(data);
    this.#sendStatus(command, status, fault, pipe);
  }

  #finish(command: Command, pipe: DevicePipe, residueBytes: number, done: boolean): void {
    if (done && nameOf(command) !== 'lastStatus') this.#status = this.goodStatus;
    const status = statusWrapper(command.tag, { result: done ? 'passed' : 'failed', residueBytes });
    this.#sendStatus(command, status, this.#fault(nameOf(command)), pipe);
  }

  #sendStatus(command: Command, status: Uint8Array, fault: PhaseFault | undefined, pipe: DevicePipe): void {
    const wrong = Buffer.from(status);
    switch (fault) {
      case 'no-status':
        return;
      case 'status-stall':
        pipe.stallIn();
        this.#afterClear = status;
        return;
      case 'wrong-tag':
        wrong.writeUInt32LE((command.tag + 1) >>> 0, 4);
        break;
      case 'wrong-signature':
        wrong.writeUInt32LE(0x53425356, 0);
        break;
      case 'residue-too-large':
        wrong.writeUInt32LE(command.lengthBytes + 1, 8);
        break;
      case 'phase-error':
        wrong[12] = 2;
        break;
      case 'failed':
        wrong[12] = 1;
        break;
      default:
    }
    pipe.transfer(fault === 'short-status' ? wrong.subarray(0, 12) : wrong);
  }

  #fault(name: string): PhaseFault | undefined {
    const wrong = this.faults.get(name);
    if (wrong === undefined || wrong.times === 0) return undefined;
    wrong.times -= 1;
    return wrong.fault;
  }
}

function nameOf({ cdb }: Command): string {
  if (!isVendorCommand(cdb)) return 'drive';
  return functionNames[cdb[5] ?? 0] ?? 'unknown';
}
