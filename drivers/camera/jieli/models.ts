/** JieLi recorders by what they show on the bus. Data. */
import type { StandardModel } from '../standard/family.js';

export const jieliModels: readonly StandardModel[] = [
  {
    // The kit knows its cameras by the SCSI name “DV16 DEVICE V1.00”, which is their USB product too: DV12, DV15, DV16, DV16S, DV17.
    name: 'DV1x',
    fits: ({ product }) => /^DV1\d\w? DEVICE\b/i.test(product),
    // The camera hands its password out and leaves it to the host to compare: nothing is asked for here.
    passwords: [],
  },
];
