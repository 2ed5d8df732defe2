/** The demo's configuration, as a technician would write it. Pure. */
import type { Language } from '../language/messages.js';
import type { DemoCamera } from './cameras.js';
import { demoBays, demoUnit } from './hardware.js';
import { demoCradle } from './story.js';

export interface DemoPlaces {
  readonly mediaRoot: string;
  readonly stateDir: string;
  readonly runDir: string;
  readonly archive: string;
}

export function demoConfig(
  places: DemoPlaces,
  serialPath: string,
  brokerUrl: string,
  cameras: readonly DemoCamera[],
  language: Language,
): string {
  const registered = cameras.filter(({ officer }) => officer !== undefined);
  const bays = Array.from({ length: demoBays }, (_, index) => `      - { slot: ${index + 1} }`);
  return `# Written by custodock demo
version: 1
dock:
  id: demo-dock
  bureau: demo
  language: ${language}
  stateDir: ${JSON.stringify(places.stateDir)}
  runDir: ${JSON.stringify(places.runDir)}
media:
  root: ${JSON.stringify(places.mediaRoot)}
  requireMount: false        # the demo's cards are folders
clock:
  trust: [operator]          # whoever starts the demo answers for the clock of this machine
archive:
  path: ${JSON.stringify(places.archive)}
  reserveBytes: 0
central:
  url: ${JSON.stringify(brokerUrl)}
  protocol: 4                # the embedded broker speaks MQTT 3.1.1
cradles:
  - name: "${demoCradle}"
    unit: ${demoUnit}
    line: { serial: ${JSON.stringify(serialPath)} }
    bays:
${bays.join('\n')}
cameras:
${registered.map(({ id, officer }) => `  - { id: ${JSON.stringify(id)}, officer: ${JSON.stringify(officer)} }`).join('\n')}
`;
}
