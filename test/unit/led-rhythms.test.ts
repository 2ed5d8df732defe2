import { describe, expect, it } from 'vitest';
import { lightPatterns } from '../../drivers/contract/cradle.js';
import { colourOf, type Led, programsOf, promiseMs, renewMs } from '../../drivers/cradle/hub/rhythms.js';
import { brightnessAt } from '../support/fake-leds.js';

const red: Led = { name: 'custodock:red:bay1', maxBrightness: 255 };
const green: Led = { name: 'custodock:green:bay1', maxBrightness: 255 };
const plain: Led = { name: 'led0', maxBrightness: 1 };
const rgb: Led = { name: 'custodock:rgb:bay1', maxBrightness: 255, mixes: ['red', 'green', 'blue'] };
const lights = [...lightPatterns, 'fallback'] as const;

/** Brightness every 50 ms, for so many ms. */
function course(light: (typeof lights)[number], leds: readonly Led[], which = 0, forMs = 12_000): number[] {
  const program = programsOf(light, leds)[which];
  if (program === undefined) throw new Error('no program');
  return Array.from({ length: forMs / 50 }, (_, index) => brightnessAt(program.pattern, program.repeat, index * 50));
}

describe('lights made of LEDs', () => {
  it('are told apart by their rhythm alone, where a bay has one LED', () => {
    for (const led of [plain, green, { ...plain, name: 'led-white' }]) {
      const courses = lights.map((light) => course(light, [led], 0, 4_900).join());
      expect(new Set(courses).size).toBe(lights.length);
      for (const [index, light] of lights.entries()) {
        const steady = new Set(courses[index]?.split(',')).size === 1;
        // Steady is a promise on such a bay, or dark.
        if (steady) expect(['green-steady', 'off']).toContain(light);
      }
    }
  });

  it.each([
    ['red and green', [red, green], 1],
    ['one that mixes colours', [rgb], 0],
    ['a single one', [plain], 0],
    ['a single green one', [green], 0],
  ] as const)('promise for five seconds and go out for good: %s (I12)', (_, leds, which) => {
    for (const light of ['green-steady', 'green-flashing'] as const) {
      const shown = course(light, leds, which, 60_000);
      expect(Math.max(...shown.slice(0, promiseMs / 50))).toBeGreaterThan(0);
      expect(Math.max(...shown.slice(promiseMs / 50 + 2))).toBe(0);
    }
    expect(
      course('green-steady', leds, which)
        .slice(0, promiseMs / 50)
        .every((level) => level > 0),
    ).toBe(true);
    // Renewed in time, with time to spare, and where a rhythm has come round.
    expect(renewMs * 2).toBeLessThan(promiseMs);
    expect(brightnessAt(programsOf('green-flashing', leds)[which]?.pattern ?? '', 1, renewMs - 1)).toBe(0);
  });

  it('turn to red, slowly, by themselves where red has an LED of its own (I12)', () => {
    const shown = course('green-steady', [red, green], 0, 30_000);
    expect(Math.max(...shown.slice(0, promiseMs / 50))).toBe(0);
    const lit = shown.filter((level) => level > 0).length * 50;
    expect(lit).toBeGreaterThan(1_500);
    expect(lit).toBeLessThan(4_000);
  });

  it('never show green for anything but green, nor for green anything that is red (I12)', () => {
    for (const light of lights) {
      const [ofRed = 0, ofGreen = 0] = [0, 1].map((which) => Math.max(...course(light, [red, green], which, 4_900)));
      const alone = ofGreen > 0 && ofRed === 0;
      expect(alone, light).toBe(light.startsWith('green'));
    }
    for (const name of ['status-red', 'x:amber:bay']) {
      expect(Math.max(...course('green-steady', [{ name, maxBrightness: 255 }], 0, 4_900))).toBe(0);
      expect(Math.max(...course('red-steady', [{ name, maxBrightness: 255 }]))).toBe(255);
    }
    const intensities = (light: (typeof lights)[number]) => programsOf(light, [rgb])[0]?.intensities;
    expect(intensities('green-steady')).toBe('0 255 0');
    expect(intensities('red-steady')).toBe('255 0 0');
    expect(intensities('amber-breathing')).toBe('255 102 0');
    expect(intensities('white-flashing')).toBe('255 255 255');
  });

  it('breathe and stay within the brightness of the LED', () => {
    const breath = course('amber-breathing', [red, green]);
    expect(new Set(breath).size).toBeGreaterThan(10);
    for (const led of [red, plain]) {
      for (const light of lights) {
        const shown = course(light, [led]);
        expect(Math.min(...shown)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...shown)).toBeLessThanOrEqual(led.maxBrightness);
      }
    }
    expect(Math.max(...course('off', [red, green]))).toBe(0);
  });

  it('know a colour by the name that the kernel gives', () => {
    expect(['platform:red:status', 'bay1-green', 'led0', 'Bay_Amber', 'shredded'].map(colourOf)).toEqual([
      'red',
      'green',
      undefined,
      'amber',
      undefined,
    ]);
  });
});
