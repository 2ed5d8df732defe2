/** A JieLi recorder on a real bus, where the kernel takes its interface for a disk before anybody else. */
import { toGreenThroughDiskMode } from '../disk-mode.js';
import type { Scenario } from '../scenario.js';

export const scenario: Scenario = {
  title: 'a JieLi recorder is taken from the kernel, set, and offloaded in disk mode at the same port (I7)',
  run: (lab) => toGreenThroughDiskMode(lab, 'jieli'),
};
