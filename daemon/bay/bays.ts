/**
 * All bays of the dock and the map from physical places to them (I7): cradle and slot, joined with a port path. What cradles and media root
 * show is handed to the bay it belongs to; a place that nobody configured is reported once and otherwise left alone.
 */
import { bayName, type Config } from '../../config/schema.js';
import type { Volume } from '../../drivers/contract/camera.js';
import type {
  BayReading,
  CradleDescription,
  CradleLine,
  CradleListener,
  CradleReading,
} from '../../drivers/contract/cradle.js';
import type { DockError } from '../../drivers/contract/error.js';
import type { UsbDevice, UsbLook } from '../../drivers/contract/usb.js';
import type { RefusedPort } from '../../drivers/media/helper/plan.js';
import { unfitVolume } from '../../drivers/media/refusal.js';
import { deviceAt, isBehind, volumeAt } from '../../drivers/usb/at-port.js';
import type { Fact } from '../custody/entry.js';
import type { DockingRow } from '../custody/ledger.js';
import type { Progress } from '../runtime/progress.js';
import { Bay } from './bay.js';
import type { Claim, OtherBays, Whereabouts } from './claims.js';
import { leftUnseen } from './handover.js';
import { patientEntry } from './patient-entry.js';
import type { BayServices } from './services.js';
import type { BayStatus, CradleStatus } from './status.js';

/** Readings come every 300 ms, and trouble is said within seconds: both missing for so long is neither, ms. */
const longestSilenceMs = 20_000;

interface Place {
  readonly bay: Bay;
  readonly cradle: string;
  readonly slot: number;
  /** Its USB port, and the name of its volume under the media root. */
  readonly port: string;
  /** The port is configured; the name of the bay looks like one, and is none. */
  readonly usb: boolean;
  /** Its cradle is a hub. */
  readonly hub: boolean;
  /** What its cradle shows; none while that has trouble. */
  reading?: BayReading;
  /** What media root and USB showed for it last. Readings come many times a second; these change seldom. */
  volume?: Volume | undefined;
  device?: UsbDevice | undefined;
  /** Why its volume is not mounted. */
  unfit?: DockError | undefined;
  /** When it was last seen, and since when what is in it now, ms of the monotonic clock. */
  seenMs: number;
  arrivedMs: number;
}

export class Bays implements CradleListener, OtherBays {
  readonly #services: BayServices;
  readonly #places: readonly Place[];
  readonly #lineOf: ReadonlyMap<string, CradleLine>;
  readonly #cradles = new Map<string, CradleStatus>();
  /** How often each cradle was found: what a camera said over one connection is void on the next. */
  readonly #connections = new Map<string, number>();
  readonly #onChange: () => void;
  #volumes: readonly Volume[] = [];
  #usb: UsbLook | undefined;
  /** Strangers among volumes can only be told once the ports are known. */
  readonly #awaitsUsb: boolean;
  readonly #strangers = new Set<string>();
  #refusals: readonly RefusedPort[] = [];
  /** Refusals that were said and still hold. */
  readonly #refused = new Set<string>();
  /** Of cradles that answer: polling that ends without a word is a defect of ours, and the watchdog's business. */
  readonly #polling = new Map<string, Progress>();
  #entering: Promise<void> = Promise.resolve();
  readonly #stopping = new AbortController();

  /** `lineOf`: the line that each cradle hangs on, by the cradle's name. `awaitsUsb`: looks at the USB will come. */
  constructor(
    config: Config,
    shared: Omit<BayServices, 'enter' | 'others'>,
    lineOf: ReadonlyMap<string, CradleLine>,
    openDockings: readonly DockingRow[],
    onChange: () => void,
    awaitsUsb = false,
  ) {
    const { ledger, clock, log } = shared;
    const services = { ...shared, others: this, enter: patientEntry(ledger, clock, log, this.#stopping.signal) };
    this.#services = services;
    this.#lineOf = lineOf;
    this.#onChange = onChange;
    this.#awaitsUsb = awaitsUsb;
    this.#places = config.cradles.flatMap((cradle) =>
      cradle.bays.map(({ slot, port }) => {
        const name = bayName(cradle.name, slot);
        const bay = new Bay(
          {
            name,
            priority: () => this.#priority(name),
            pins: !('usb' in cradle.line),
            sideChannel: () => this.#line(cradle.name).sideChannel(cradle.name, slot),
            setLight: (pattern) => this.#line(cradle.name).setLight(cradle.name, slot, pattern),
            onChange,
          },
          services,
          openDockings.findLast((docking) => docking.bay === name),
        );
        return {
          bay,
          cradle: cradle.name,
          slot,
          port: port ?? name,
          usb: port !== undefined,
          hub: 'usb' in cradle.line,
          seenMs: Number.NEGATIVE_INFINITY,
          arrivedMs: 0,
        };
      }),
    );
    this.#closeOrphans(openDockings);
    for (const { name } of config.cradles) this.#cradles.set(name, { cradle: name, state: 'unknown', error: null });
  }

  status(): readonly BayStatus[] {
    return this.#places.map(({ bay }) => bay.status());
  }

  cradles(): readonly CradleStatus[] {
    return [...this.#cradles.values()];
  }

  bay(name: string): Bay | undefined {
    return this.#places.find(({ bay }) => bay.name === name)?.bay;
  }

  #place(name: string): Place {
    const place = this.#places.find(({ bay }) => bay.name === name);
    if (place === undefined) throw new Error(`no bay ${name}`);
    return place;
  }

  found(description: CradleDescription): void {
    const { cradle, serial, firmware, mapVersion, bayCount } = description;
    this.#cradles.set(cradle, { cradle, state: 'answering', error: null });
    this.#connections.set(cradle, this.#connection(cradle) + 1);
    if (!this.#polling.has(cradle)) {
      this.#polling.set(cradle, this.#services.board.watch(`cradle ${cradle}`, longestSilenceMs));
    }
    // A hub says nothing of itself.
    this.#services.log.info('cradle.found', { cradle, serial: serial || '–', firmware: firmware || '–', bayCount });
    this.#enter({ kind: 'cradle.found', body: { cradle, serial, firmware, mapVersion, bayCount } });
    for (const place of this.#places) if (place.cradle === cradle) place.bay.relight();
    this.#onChange();
  }

  read(reading: CradleReading): void {
    this.#polling.get(reading.cradle)?.report();
    for (const place of this.#places) {
      if (place.cradle !== reading.cradle) continue;
      const bay = reading.bays.find(({ slot }) => slot === place.slot);
      if (bay === undefined) continue;
      // A cradle that had trouble says nothing of the time before: whoever is in it has come anew.
      if (bay.seating === 'empty' || bay.arrivals !== place.reading?.arrivals) place.arrivedMs = reading.atMs;
      place.seenMs = reading.atMs;
      place.reading = bay;
      this.#observe(place);
    }
  }

  trouble(cradle: string, error: DockError): void {
    const was = this.#cradles.get(cradle);
    this.#polling.get(cradle)?.end();
    this.#polling.delete(cradle);
    this.#cradles.set(cradle, { cradle, state: 'trouble', error: error.message });
    // What it last said is no presence any more: a volume that comes or goes meanwhile waits for its next word.
    for (const place of this.#places) if (place.cradle === cradle) delete place.reading;
    this.#services.log.error('cradle.lost', { cradle }, error);
    if (was?.state === 'answering') {
      this.#enter({ kind: 'cradle.lost', body: { cradle, code: error.code, found: error.found } });
    }
    this.#onChange();
  }

  /** The light of a bay does not show what it was told to. */
  lightTrouble(cradle: string, slot: number, error: DockError): void {
    this.#services.log.error('bay.light', { bay: bayName(cradle, slot) }, error);
  }

  /** The volumes under the media root now. */
  volumes(volumes: readonly Volume[]): void {
    this.#services.log.debug('media.volumes', { volumes: volumes.map(({ name }) => name).join(', ') });
    this.#volumes = volumes;
    this.#look();
  }

  /** What the USB shows now. */
  usb(look: UsbLook): void {
    if (look === this.#usb) return;
    this.#usb = look;
    this.#services.log.debug('usb.devices', { devices: look.devices.map(({ portPath }) => portPath).join(', ') });
    this.#look();
  }

  #look(): void {
    if (!this.#awaitsUsb || this.#usb !== undefined) for (const { name } of this.#volumes) this.#reportStranger(name);
    for (const place of this.#places) {
      // What the bay's own name happens to look like is no port.
      const look = place.usb ? this.#usb : undefined;
      place.volume = volumeAt(place.port, this.#volumes, look);
      place.device = place.usb ? deviceAt(place.port, look) : undefined;
      place.unfit = this.#unfit(place);
      this.#observe(place);
    }
  }

  #observe({ bay, cradle, reading, volume, device, unfit }: Place): void {
    if (reading !== undefined) bay.observe(reading, { volume, usb: device, unfit }, this.#connection(cradle));
  }

  /** Ports with volumes that nobody mounts: said at the bay, or its camera would wait there without a reason. */
  refused(ports: readonly RefusedPort[]): void {
    this.#refusals = ports;
    const now = new Set(ports.map(refusalKey));
    for (const said of this.#refused) if (!now.has(said)) this.#refused.delete(said);
    this.#look();
  }

  whereabouts({ bay: holder, mountId, enumeration }: Claim, claimant: string): Whereabouts {
    const [there, here] = [this.#place(holder), this.#place(claimant)];
    // A hub has no contacts: for a while it says of a camera that was taken out what a cradle says of one that is there and sits badly.
    const blind = there.reading === undefined || (there.hub && there.reading.seating === 'not-seated');
    // Of one cradle one look shows both.
    if (!blind) return there.seenMs >= here.arrivedMs ? 'there' : 'unknown';
    const volumeLeft = mountId !== null && there.volume?.mountId !== mountId;
    const deviceLeft = enumeration !== null && there.device?.enumeration !== enumeration;
    return volumeLeft || (mountId === null && deviceLeft) ? 'left' : 'unknown';
  }

  hasLeft(holder: string): void {
    this.#services.log.warn('bay.left-unseen', { bay: holder });
    this.#place(holder).bay.hasLeft();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the dock stops'));
    for (const progress of this.#polling.values()) progress.end();
    this.#polling.clear();
    await Promise.all(this.#places.map(({ bay }) => bay.stop()));
    await this.#entering;
  }

  #connection(cradle: string): number {
    return this.#connections.get(cradle) ?? 0;
  }

  /** Only the latest docking of a bay that still exists can go on; the ledger may not keep the others open for ever. */
  #closeOrphans(openDockings: readonly DockingRow[]): void {
    const resumable = new Set(this.#places.map(({ bay }) => openDockings.findLast((open) => open.bay === bay.name)));
    for (const open of openDockings) if (!resumable.has(open)) this.#enter(leftUnseen(open));
  }

  #unfit(place: Place): DockError | undefined {
    const refusal = this.#refusals.find(({ port }) => this.#isAt(port, place));
    if (refusal === undefined) return undefined;
    const error = unfitVolume(refusal);
    const key = refusalKey(refusal);
    if (!this.#refused.has(key)) this.#services.log.warn('volume.refused', { bay: place.bay.name }, error);
    this.#refused.add(key);
    return error;
  }

  #isAt(name: string, { port, usb }: Place): boolean {
    return isBehind(name, port, usb ? this.#usb : undefined);
  }

  #reportStranger(name: string): void {
    if (this.#strangers.has(name)) return;
    if (this.#places.some((place) => this.#isAt(name, place))) return;
    this.#strangers.add(name);
    this.#services.log.warn('volume.no-bay', { volume: name });
  }

  #priority(name: string): boolean {
    return this.#services
      .config()
      .cradles.some((cradle) =>
        cradle.bays.some(({ slot, priority }) => priority && bayName(cradle.name, slot) === name),
      );
  }

  #line(cradle: string): CradleLine {
    const line = this.#lineOf.get(cradle);
    if (line === undefined) throw new Error(`no line for cradle ${cradle}`);
    return line;
  }

  /** In the order in which it was seen; a ledger that cannot take it has said so itself. */
  #enter(fact: Fact): void {
    this.#entering = this.#entering
      .then(async () => {
        await this.#services.enter(fact);
      })
      .catch((error: unknown) => this.#services.log.error('bay.entry-lost', { kind: fact.kind }, error));
  }
}

function refusalKey({ port, reason, found }: RefusedPort): string {
  return `${port} ${reason} ${found}`;
}
