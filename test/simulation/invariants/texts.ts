/** I10: footage is on cards and in the archive and nowhere else. I11: nothing that a camera says can steer who reads it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredEntry } from '../../../daemon/custody/entry.js';
import { DockError } from '../../../drivers/contract/error.js';
import { footageMark } from '../footage.js';
import type { World } from '../world.js';
import { unprintable } from './archive.js';
import { assert } from './violation.js';

/** The mark as it is, and in base64 at each of the three ways it can fall. */
const marks = [footageMark, ...[0, 1, 2].map((before) => inBase64(before))];

function inBase64(before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), Buffer.from(footageMark)]).toString('base64');
  // Without what the neighbours decide.
  return text.slice(before === 0 ? 0 : 4, Math.floor((before + footageMark.length) / 3) * 4);
}

export class TextEye {
  readonly #world: World;
  #logs = 0;
  #lines = 0;
  #events = 0;
  readonly #sizes = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
  }

  look(): void {
    const { broker, folder } = this.#world;
    this.#lookAtLog();
    for (const text of broker.events.slice(this.#events)) assertNoFootage('an event', text);
    this.#events = broker.events.length;
    for (const [topic, text] of broker.retained) {
      assertNoFootage(topic, text);
      assertPlain('I11', topic, JSON.parse(text));
    }
    this.#search(folder, ['media', 'shelf', 'archive']);
  }

  judge(fresh: readonly StoredEntry[]): void {
    for (const { seq, entry } of fresh) assertPlain('I11', `entry ${seq}`, entry);
  }

  #lookAtLog(): void {
    for (; this.#logs < this.#world.log.length; this.#logs += 1) {
      const lines = this.#world.log[this.#logs]?.lines ?? [];
      for (const { key, fields, error } of lines.slice(this.#lines)) {
        assertPlain('I11', `log line ${key}`, fields);
        assertNoFootage(`log line ${key}`, JSON.stringify(fields));
        if (!(error instanceof Error)) continue;
        assertNoFootage(`log line ${key}`, error.message);
        if (error instanceof DockError) assertPlain('I11', `log line ${key}`, error.message);
      }
      this.#lines = lines.length;
      if (this.#logs === this.#world.log.length - 1) break;
      this.#lines = 0;
    }
  }

  #search(folder: string, except: readonly string[]): void {
    if (!existsSync(folder)) return;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (except.includes(entry.name)) continue;
      if (entry.isDirectory()) this.#search(path, []);
      else if (entry.isFile()) this.#searchFile(path);
    }
  }

  /** Only what changed since the last look. */
  #searchFile(path: string): void {
    const { size, mtimeMs } = statSync(path);
    const look = `${size} ${mtimeMs}`;
    if (this.#sizes.get(path) === look) return;
    this.#sizes.set(path, look);
    assertNoFootage(path, readFileSync(path));
  }
}

function assertNoFootage(where: string, text: string | Buffer): void {
  assert('I10', !marks.some((mark) => text.includes(mark)), () => `there is footage in ${where}`);
}

function assertPlain(invariant: 'I11', where: string, value: unknown): void {
  if (typeof value === 'string') {
    assert(
      invariant,
      !unprintable.test(value),
      () => `${where} has a text that is not plain: ${JSON.stringify(value)}`,
    );
  } else if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) assertPlain(invariant, where, part);
  }
}
