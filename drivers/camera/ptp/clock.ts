/**
 * The clock of a device (DateTime, 5011): read with its raw text, set in the device's own manner, read back.
 *
 * Text without a zone is local time of the dock's configured zone. Whole seconds, unless the device shows that it counts tenths.
 */
import type { CameraClock, ClockSample } from '../../contract/camera.js';
import { cannotTell } from '../../contract/camera.js';
import { type Clock, sleep } from '../../contract/clock.js';
import { DockError, type DockErrorCode, type Retry } from '../../contract/error.js';
import { type Phrase, phrase, verbatim } from '../../contract/phrase.js';
import { printable } from '../../contract/text.js';
import { deviceProperties, hex4, operations, responses } from './codes.js';
import { DatasetReader } from './dataset-reader.js';
import { decodePropertyDescription, encodeText } from './datasets.js';
import { formatPtpTime, fractionMs, type PtpTime, parsePtpTime, ptpTimeToUtcMs } from './date-time.js';
import type { Ask, PtpDevice } from './device.js';

/** Our timers fire this late at most when nothing is wrong, ms. */
const lateMs = 50;
/** What the device shows after setting may be off by its own step and the way there and back, ms. */
const readBackMs = 2_000;
/** Edges that may be missed before a machine that is always late is given up. */
const mostEdges = 4;

export class PtpClock implements CameraClock {
  readonly #device: PtpDevice;
  readonly #clock: Clock;
  readonly #timeZone: () => string;
  readonly #fractions = new Set<number>();
  #like: PtpTime | undefined;
  #writable: boolean | undefined;
  /** Half of the shortest question and answer that was seen, ms. */
  #halfTripMs = Number.POSITIVE_INFINITY;

  constructor(device: PtpDevice, clock: Clock, timeZone: () => string) {
    this.#device = device;
    this.#clock = clock;
    this.#timeZone = timeZone;
  }

  /** Devices that always write `.0` count seconds; two different tenths show that one counts them. */
  get resolutionMs(): number {
    return this.#fractions.size >= 2 ? 100 : 1000;
  }

  read(): Promise<ClockSample> {
    return this.#device.exclusively((ask) => this.#read(ask));
  }

  /** Where the moment passes while the device is busy, a whole second later and to that: it comes to the same. */
  async set(targetMs: number, atMs: number): Promise<void> {
    const behindMs = this.#clock.monotonicMs() - atMs;
    if (behindMs > 0) throw tooLate(behindMs);
    const writable = await this.#isWritable();
    if (!writable) {
      throw fault(
        'DOCK_PTP_CLOCK_READ_ONLY',
        phrase`a clock that can be set`,
        phrase`one that can only be read`,
        'never',
      );
    }
    await this.#device.exclusively(async (ask) => {
      await this.#read(ask);
      let code: number = responses.ok;
      for (const manner of this.#manners()) {
        code = await this.#setAtEdge(ask, targetMs - atMs, atMs, manner);
        if (code !== responses.invalidPropertyValue && code !== responses.invalidParameter) break;
      }
      if (code !== responses.ok) {
        throw fault(
          'DOCK_PTP_CLOCK_REFUSED',
          phrase`the camera to take a time`,
          phrase`response ${hex4(code)}`,
          'after-redocking',
        );
      }
      await this.#assertSet(ask, targetMs - atMs);
    });
  }

  /** The device's own manner first; then the plain one, which devices that show more than they take back accept. */
  #manners(): readonly Pick<PtpTime, 'fraction' | 'zone'>[] {
    const plain = { fraction: '', zone: '' };
    const own = this.#like ?? plain;
    return own.fraction === '' && own.zone === '' ? [own] : [own, plain];
  }

  async #setAtEdge(
    ask: Ask,
    wallMinusMonotonicMs: number,
    atMs: number,
    manner: Pick<PtpTime, 'fraction' | 'zone'>,
  ): Promise<number> {
    for (let tries = 1; ; tries += 1) {
      const readyMs = this.#clock.monotonicMs() + this.#halfTripMs;
      const edgeMs = atMs + Math.max(0, Math.ceil((readyMs - atMs) / 1000)) * 1000;
      await sleep(this.#clock, 'ptp.edge', edgeMs - readyMs);
      const behindMs = this.#clock.monotonicMs() + this.#halfTripMs - edgeMs;
      if (behindMs > lateMs) {
        if (tries >= mostEdges) throw tooLate(behindMs);
        continue;
      }
      const { code } = await ask({
        operation: operations.setDevicePropValue,
        parameters: [deviceProperties.dateTime],
        dataOut: encodeText(formatPtpTime(Math.round(edgeMs + wallMinusMonotonicMs), manner, this.#timeZone())),
        once: true,
      });
      return code;
    }
  }

  /** `wallMinusMonotonicMs`: of the time that was set. */
  async #assertSet(ask: Ask, wallMinusMonotonicMs: number): Promise<void> {
    const { cameraMs, receivedMs } = await this.#read(ask);
    const differenceMs = cameraMs - (receivedMs + wallMinusMonotonicMs);
    if (Math.abs(differenceMs) <= readBackMs) return;
    const found = phrase`${Math.round(differenceMs / 1000)} s off when it was read back`;
    throw fault('DOCK_PTP_CLOCK_NOT_SET', phrase`the time that was set`, found, 'after-redocking');
  }

  async #read(ask: Ask): Promise<ClockSample> {
    const sentMs = this.#clock.monotonicMs();
    const { code, data } = await ask({
      operation: operations.getDevicePropValue,
      parameters: [deviceProperties.dateTime],
    });
    const receivedMs = this.#clock.monotonicMs();
    if (code !== responses.ok)
      throw fault(cannotTell, phrase`the time of the camera`, phrase`response ${hex4(code)}`, 'never');
    const raw = new DatasetReader(data, 'DateTime').text();
    const time = parsePtpTime(raw);
    if (time === undefined) {
      throw fault(
        'DOCK_PTP_CLOCK_UNREADABLE',
        verbatim('YYYYMMDDThhmmss'),
        verbatim(`“${printable(raw, 40)}”`),
        'after-redocking',
      );
    }
    this.#like = time;
    this.#halfTripMs = Math.min(this.#halfTripMs, (receivedMs - sentMs) / 2);
    const fraction = fractionMs(time);
    if (fraction !== 0 && this.#fractions.size < 2) this.#fractions.add(fraction);
    const tenths = this.resolutionMs === 100 ? Math.floor(fraction / 100) * 100 : 0;
    return { cameraMs: ptpTimeToUtcMs(time, this.#timeZone()) + tenths, sentMs, receivedMs };
  }

  /** What the device does not describe is tried. */
  async #isWritable(): Promise<boolean> {
    this.#writable ??= await this.#describedAsWritable();
    return this.#writable;
  }

  async #describedAsWritable(): Promise<boolean> {
    const question = { operation: operations.getDevicePropDesc, parameters: [deviceProperties.dateTime] };
    const { code, data } = await this.#device.ask(question);
    return code !== responses.ok || decodePropertyDescription(data).writable;
  }
}

function tooLate(byMs: number): DockError {
  const found = phrase`${Math.round(byMs)} ms after it`;
  return fault('DOCK_PTP_CLOCK_LATE', phrase`to set the clock at the edge of a second`, found, 'now');
}

function fault(code: DockErrorCode, expected: Phrase, found: Phrase, retry: Retry): DockError {
  const todo = phrase`Take the camera out and put it back; if it happens again, set its clock by hand`;
  return new DockError(code, { expected, found, todo, retry });
}
