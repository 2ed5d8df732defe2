/** The hardware of the demo: a simulated cradle of eight bays at the far end of a real serial port, speaking Modbus RTU. */

import { SimulatedCradle } from '../../drivers/simulated/cradle.js';
import { serveRtu } from '../../drivers/simulated/cradle-line.js';
import { openPseudoTerminal } from '../../drivers/simulated/pseudo-terminal.js';
import { systemClock } from '../runtime/clock.js';

export const demoBays = 8;
export const demoUnit = 1;

export interface DemoHardware {
  readonly serialPath: string;
  readonly cradle: SimulatedCradle;
  close(): Promise<void>;
}

export async function openHardware(): Promise<DemoHardware> {
  const terminal = await openPseudoTerminal();
  const cradle = new SimulatedCradle({
    unit: demoUnit,
    clock: systemClock,
    bayCount: demoBays,
    serial: 'DEMO-1',
    firmware: 'simulated',
  });
  serveRtu(terminal.line, systemClock, [{ cradle }]);
  return { serialPath: terminal.path, cradle, close: () => terminal.close() };
}
