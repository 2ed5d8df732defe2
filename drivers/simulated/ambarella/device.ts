/** An Ambarella recorder at the wire, with its control interface open; and what can be wrong with its answers. */

import type { StandardCamera } from '../standard-camera.js';
import type { DevicePipe, SimulatedDevice } from '../usb-bus.js';

export const answerFaults = [
  'silent',
  'truncated',
  'wrong-length',
  'wrong-terminator',
  'other-command',
  'endless',
  'stall',
  'pieces',
  'late',
] as const;
export type AnswerFault = (typeof answerFaults)[number];

const dayMs = 86_400_000;

export class AmbarellaDevice implements SimulatedDevice {
  readonly shows = {
    vendorId: 0x4255,
    productId: 0x0001,
    maker: 'Amba',
    product: 'Amba SIMPLE Class',
    serial: '0001',
    interfaces: [
      {
        number: 0,
        classCode: 0xff,
        subclass: 0,
        protocol: 0,
        name: '',
        endpoints: [
          { address: 0x81, transfer: 'bulk', packetBytes: 512 },
          { address: 0x01, transfer: 'bulk', packetBytes: 512 },
        ],
      },
    ],
  } as const;
  /** By command; one that is counted down to 0 is over. */
  readonly faults = new Map<string, { readonly fault: AnswerFault; times: number }>();
  /** Commands as they came. */
  readonly heard: string[] = [];
  readonly #camera: StandardCamera;
  #loggedIn = false;
  #held: Uint8Array | undefined;

  constructor(camera: StandardCamera) {
    this.#camera = camera;
  }

  received(bytes: Uint8Array, pipe: DevicePipe): void {
    const text = Buffer.from(bytes).toString('ascii');
    this.heard.push(text);
    const [, command = '', payload = ''] = /^@(\w{3});\d+;([^;]*);#$/.exec(text) ?? [];
    const answer = this.#carryOut(command, payload);
    if (this.#held !== undefined) pipe.transfer(this.#held);
    this.#held = undefined;
    this.#send(command, answer, pipe);
  }

  reset(): void {
    this.#loggedIn = false;
    this.#held = undefined;
  }

  #carryOut(command: string, payload: string): Uint8Array {
    if (command === 'Ver') {
      this.#loggedIn = payload === '00000000';
      return said(command, this.#loggedIn);
    }
    if (!this.#loggedIn) return said(command, false);
    const known = this.#camera.options.foreignPassword !== true && payload === '12345678';
    switch (command) {
      case 'Gdv':
        return known ? told(command, this.#camera.serial) : said(command, false);
      case 'ATH':
        return said(command, known && this.#camera.askDiskMode());
      case 'Sdt': {
        const dateMs = Date.parse(payload.replace(/^(\d{4})(\d\d)(\d\d)$/, '$1-$2-$3T00:00:00Z'));
        if (Number.isNaN(dateMs)) return said(command, false);
        this.#camera.setShown(dateMs + (this.#camera.shownMs() % dayMs));
        return said(command, true);
      }
      case 'Stm': {
        const [, hour, minute, second] = /^(\d\d)(\d\d)(\d\d)\d\d$/.exec(payload) ?? [];
        if (hour === undefined) return said(command, false);
        const today = this.#camera.shownMs() - (this.#camera.shownMs() % dayMs);
        this.#camera.setShown(today + (Number(hour) * 3_600 + Number(minute) * 60 + Number(second)) * 1_000);
        return said(command, true);
      }
      default:
        return said(command, false);
    }
  }

  #send(command: string, answer: Uint8Array, pipe: DevicePipe): void {
    const wrong = this.faults.get(command);
    if (wrong === undefined || wrong.times === 0) {
      pipe.transfer(answer);
      return;
    }
    wrong.times -= 1;
    const text = Buffer.from(answer).toString('latin1');
    const send = (other: string): void => pipe.transfer(Buffer.from(other, 'latin1'));
    switch (wrong.fault) {
      case 'silent':
        return;
      case 'late':
        this.#held = answer;
        return;
      case 'stall':
        pipe.stallIn();
        return;
      case 'truncated':
        send(text.slice(0, -2));
        return;
      case 'wrong-length':
        send(text.replace(/;\d+;/, ';99;'));
        return;
      case 'wrong-terminator':
        send(`${text.slice(0, -1)}$`);
        return;
      case 'other-command':
        for (let n = 0; n < 20; n++) send('@Xyz;OK;#');
        return;
      case 'endless':
        for (let n = 0; n < 100; n++) pipe.packet(Buffer.alloc(512, 'A'));
        return;
      case 'pieces':
        for (const byte of answer) pipe.packet(Uint8Array.of(byte));
        return;
    }
  }
}

function said(command: string, done: boolean): Uint8Array {
  return Buffer.from(`@${command};${done ? 'OK' : 'ERROR'};#`, 'ascii');
}

function told(command: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`@${command};${payload.length};`, 'ascii'), payload, Buffer.from(';#', 'ascii')]);
}
