/**
 * A folder that looks like /sys/class/leds, and what an LED there would show: the kernel's trigger `pattern`
 * (drivers/leds/trigger/ledtrig-pattern.c, Linux 6.1) followed step by step.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The kernel fades in steps of so many ms. */
const fadeStepMs = 50;

/** Brightness at `ms` after the program was started, as the kernel's timer function computes it. */
export function brightnessAt(pattern: string, repeat: number, ms: number): number {
  const numbers = pattern.trim().split(/\s+/).map(Number);
  const steps = Array.from({ length: numbers.length / 2 }, (_, index) => ({
    brightness: numbers[2 * index] ?? 0,
    ms: numbers[2 * index + 1] ?? 0,
  }));
  if (steps.length < 2) throw new Error(`the kernel refuses a program of ${steps.length} steps`);
  let at = 0;
  let rounds = repeat;
  let faded = 0;
  let brightness = 0;
  const step = (index: number) => steps[index % steps.length] ?? { brightness: 0, ms: 0 };
  const advance = (): void => {
    at = (at + 1) % steps.length;
    if (repeat !== -1 && at === 0) rounds -= 1;
    faded = 0;
  };
  for (let nowMs = 0; nowMs <= ms; ) {
    if (repeat !== -1 && rounds === 0) return brightness;
    const [current, next] = [step(at), step(at + 1)];
    if (current.brightness === next.brightness) {
      brightness = current.brightness;
      nowMs += current.ms;
      if (next.ms === 0) advance();
      advance();
    } else if (faded > current.ms) {
      advance();
    } else {
      const way = ((next.brightness - current.brightness) * faded) / current.ms;
      brightness = faded === 0 || current.ms < fadeStepMs ? current.brightness : current.brightness + way;
      nowMs += fadeStepMs;
      faded += fadeStepMs;
    }
  }
  return brightness;
}

export interface FakeLed {
  readonly maxBrightness?: number;
  /** Content of `multi_index`. */
  readonly mixes?: string;
  readonly triggers?: string;
}

export class FakeLeds {
  readonly folder = mkdtempSync(join(tmpdir(), 'custodock-leds-'));

  add(name: string, { maxBrightness = 255, mixes, triggers = 'none timer [pattern]' }: FakeLed = {}): void {
    const folder = join(this.folder, name);
    mkdirSync(folder);
    const files = {
      trigger: triggers,
      max_brightness: String(maxBrightness),
      pattern: '',
      repeat: '-1',
      brightness: '0',
    };
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), `${text}\n`);
    if (mixes === undefined) return;
    writeFileSync(join(folder, 'multi_index'), `${mixes}\n`);
    writeFileSync(join(folder, 'multi_intensity'), '0 0 0\n');
  }

  read(name: string, file: string): string {
    const path = join(this.folder, name, file);
    return existsSync(path) ? (readFileSync(path, 'utf8').split('\n')[0] ?? '') : '';
  }

  /** What it shows `ms` after its program was last started. */
  shows(name: string, ms: number): number {
    const pattern = this.read(name, 'pattern');
    return pattern === '' ? 0 : brightnessAt(pattern, Number(this.read(name, 'repeat')), ms);
  }

  /** All that was written, and when. */
  everything(): string {
    return readdirSync(this.folder)
      .map((name) => `${name} ${this.read(name, 'repeat')} ${this.read(name, 'pattern')} ${this.#changedMs(name)}`)
      .join('\n');
  }

  #changedMs(name: string): number {
    return Math.max(...['repeat', 'pattern'].map((file) => statSync(join(this.folder, name, file)).mtimeMs));
  }

  /** When a program was last started from its beginning, by the clock of the machine. */
  startedMs(name: string): number {
    return statSync(join(this.folder, name, 'repeat')).mtimeMs;
  }

  /** As when its driver is unloaded, and loaded again. */
  lose(name: string): void {
    renameSync(join(this.folder, name), join(this.folder, `.${name}`));
  }

  find(name: string): void {
    rmSync(join(this.folder, `.${name}`), { recursive: true });
    this.add(name);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
