/** Presence within 300 ms with 16 bays to a unit at 115200 baud (D6), by arithmetic on the frames. */
import { expect, it } from 'vitest';
import { presenceMs, unansweredMs } from '../../drivers/cradle/modbus/budget.js';

it('sees a camera in 16 bays at 115200 baud within 300 ms, and soon after that with an unanswered request in between', () => {
  const load = { units: 1, bays: 16, baud: 115_200 };
  expect(presenceMs(load)).toBeCloseTo(235.4, 1);
  expect(presenceMs(load) + unansweredMs(16, 115_200)).toBeLessThan(360);
});

it('keeps that with two full units on a line, not with three', () => {
  expect(presenceMs({ units: 2, bays: 16, baud: 115_200 })).toBeLessThan(300);
  expect(presenceMs({ units: 3, bays: 16, baud: 115_200 })).toBeGreaterThan(300);
});

it('cannot keep it at 9600 baud, as the configuration says', () => {
  expect(presenceMs({ units: 1, bays: 16, baud: 9_600 })).toBeGreaterThan(300);
});
