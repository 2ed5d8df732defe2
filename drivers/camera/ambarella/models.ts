/** Ambarella recorders by what they show on the bus, and what is particular about each. Data. */
import type { StandardModel } from '../standard/family.js';

export interface AmbarellaModel extends StandardModel {
  /** What to log in with; commands carry one of `passwords`. */
  readonly login: string;
}

export const ambarellaModels: readonly AmbarellaModel[] = [
  {
    // “Amba Simple Class”: vendor class, bulk OUT 0x01, IN 0x81. In disk mode the same camera is 4255:1000 or a bridge's own number.
    name: 'Amba Simple Class',
    fits: ({ vendorId, productId }) => vendorId === 0x4255 && productId === 0x0001,
    login: '00000000',
    passwords: ['12345678', '00000000', '000000'],
  },
];
