/** The M7 verdict of one docking: made again with every look at the camera, entered and said whenever it differs from the one before. */
import type { Battery } from '../../drivers/contract/camera.js';
import { type Language, say } from '../language/messages.js';
import { type ReadinessFacts, type Reason, readinessReasons } from './readiness.js';
import type { BayServices } from './services.js';

/** How far below the threshold the battery of a ready camera may fall, percent. */
const batterySlackPercent = 2;

export class Verdict {
  readonly #services: Pick<BayServices, 'ledger' | 'log' | 'config'>;
  #judgedAs: string | undefined;
  #is: 'ready' | 'not-ready' | 'none' = 'none';

  constructor(services: Pick<BayServices, 'ledger' | 'log' | 'config'>) {
    this.#services = services;
  }

  get is(): 'ready' | 'not-ready' | 'none' {
    return this.#is;
  }

  /** What speaks against taking the camera out; empty: ready. */
  async make(
    place: { readonly bay: string; readonly docking: string; readonly camera: string },
    facts: ReadinessFacts,
    recordingMinutes: number | null,
  ): Promise<readonly Reason[]> {
    const { ledger, config } = this.#services;
    const { readiness } = config();
    // A reading that wavers about its threshold must not make a camera ready and not ready in turn.
    const wanted =
      this.#is === 'ready'
        ? { ...readiness, batteryPercent: readiness.batteryPercent - batterySlackPercent }
        : readiness;
    const reasons = readinessReasons(facts, wanted);
    const judged = reasons.map(({ reason }) => reason).join(' ');
    if (judged === this.#judgedAs) return reasons;
    if (reasons.length === 0) {
      const batteryPercent = facts.battery?.percent ?? null;
      await ledger.append({ kind: 'camera.ready', body: { ...place, batteryPercent, recordingMinutes } });
    } else {
      await ledger.append({ kind: 'camera.not-ready', body: { ...place, reasons: [...reasons] } });
    }
    this.#say({ bay: place.bay, camera: place.camera }, reasons, facts.battery);
    this.#judgedAs = judged;
    this.#is = reasons.length === 0 ? 'ready' : 'not-ready';
    return reasons;
  }

  #say(
    place: { readonly bay: string; readonly camera: string },
    reasons: readonly Reason[],
    battery: Battery | undefined,
  ): void {
    const { log, config } = this.#services;
    if (reasons.length === 0) {
      log.info('camera.ready', { ...place, battery: battery?.percent ?? '?' });
      return;
    }
    const { language } = config().dock;
    const fields = { ...place, reasons: reasons.map((reason) => inWords(reason, language)).join('; ') };
    // Nobody has to do anything about a battery that is being charged.
    if (onlyCharging(reasons, battery)) log.info('camera.not-ready', fields);
    else log.warn('camera.not-ready', fields);
  }
}

function onlyCharging(reasons: readonly Reason[], battery: Battery | undefined): boolean {
  return battery?.charging === true && reasons.every(({ reason }) => reason === 'battery-low');
}

function inWords({ reason, found, wanted }: Reason, language: Language): string {
  return say(language, 'status.reason', { reason: say(language, `status.reason.${reason}`), found, wanted });
}
