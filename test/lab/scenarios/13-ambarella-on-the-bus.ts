/** An Ambarella recorder on a real bus: its control interface, its disk at the same port, one docking. */
import { toGreenThroughDiskMode } from '../disk-mode.js';
import type { Scenario } from '../scenario.js';

export const scenario: Scenario = {
  title: 'an Ambarella recorder tells who it is, takes the time, and is offloaded in disk mode at the same port (I7)',
  run: (lab) => toGreenThroughDiskMode(lab, 'ambarella'),
};
