/** What the helper says, each fact once: when it comes to be so, and again when it comes back after it was gone. */

import type { DockError } from '../../contract/error.js';
import type { UsbLook } from '../../contract/usb.js';
import { portPathsAt } from '../../usb/at-port.js';
import { unfitVolume } from '../refusal.js';
import type { Plan, PortReport, Step } from './plan.js';

export interface HelperListener {
  /** The state of all ports, whenever it differs. */
  ports(reports: readonly PortReport[]): void;
  mounted(
    port: string,
    fields: { readonly device: string; readonly fileSystem: string; readonly dirty: boolean },
  ): void;
  refused(error: DockError, port: string): void;
  /** A step is over, well or not. */
  done(step: Step['do'], port: string, tookMs: number): void;
  unmounted(port: string): void;
  sealed(port: string): void;
  /** Port paths by which the kernel knows the bays' ports now, and those of the bays' ports that it does not know: their hub is not there. */
  serves(paths: readonly string[], missing: readonly string[]): void;
  /** On the USB, but in no bay. */
  stranger(port: string, device: string): void;
  cleared(port: string, path: string): void;
  trouble(error: unknown, port: string | null): void;
  /** A look came to its end. */
  looked(): void;
}

export class Telling {
  readonly #says: HelperListener;
  readonly #said = new Map<string, string>();
  #told = '';

  constructor(says: HelperListener) {
    this.#says = says;
  }

  /** Which ports of the kernel are those of the bays now. */
  served(bayPorts: readonly string[], usb: UsbLook): void {
    const paths = bayPorts.map((port) => portPathsAt(port, usb));
    const missing = bayPorts.filter((_, index) => paths[index]?.length === 0);
    this.once('served', JSON.stringify([paths, missing]), () => this.#says.serves(paths.flat(), missing));
  }

  planned({ ports, strangers }: Plan): void {
    const text = JSON.stringify(ports);
    if (text !== this.#told) {
      this.#says.ports(ports);
      // Only now: what could not be said is said at the next look.
      this.#told = text;
    }
    for (const report of ports) {
      const key = `refused ${report.port}`;
      if (report.state !== 'refused') this.once(key, '', () => undefined);
      else
        this.once(key, `${report.reason} ${report.found}`, () => this.#says.refused(unfitVolume(report), report.port));
    }
    const seen = new Set(ports.map(({ port }) => `refused ${port}`));
    for (const { port, name } of strangers) {
      seen.add(`stranger ${port} ${name}`);
      this.once(`stranger ${port} ${name}`, 'there', () => this.#says.stranger(port, name));
    }
    // Whatever comes again after it was gone is said again.
    for (const key of this.#said.keys()) {
      if (/^(?:refused|stranger) /.test(key) && !seen.has(key)) this.#said.delete(key);
    }
  }

  /** Says what differs from what was said last under this key; nothing where there is nothing to say. */
  once(key: string, text: string, say: () => void): void {
    if (this.#said.get(key) === text) return;
    if (text !== '') say();
    this.#said.set(key, text);
  }
}
