/**
 * I5: the ledger only grows. I4: what SQLite confirmed is there, byte for byte; nobody is told of anything else; the
 * registers follow from the entries. Read from the file, with nothing of the daemon's own queries.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { checkLedger } from '../../../daemon/custody/check.js';
import { Database } from '../../../daemon/custody/database.js';
import type { Entry, EntryBody, EntryKind, StoredEntry } from '../../../daemon/custody/entry.js';
import { outside } from '../ledger-tap.js';
import type { World } from '../world.js';
import { assert } from './violation.js';

/** An entry of one kind. */
export type EntryOf<K extends EntryKind> = StoredEntry & { readonly entry: Entry<K> & { readonly body: EntryBody<K> } };

export function isOf<K extends EntryKind>(stored: StoredEntry, kind: K): stored is EntryOf<K> {
  return stored.entry.kind === kind;
}

export class LedgerEye {
  readonly #world: World;
  /** Everything that is known to be in the ledger, in order. */
  readonly entries: StoredEntry[] = [];
  #confirmed = 0;
  #eventsSeen = 0;
  #lastEvent = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Takes over what SQLite has confirmed since: what is durable now. Returns the new ones. */
  confirmed(): readonly StoredEntry[] {
    const fresh = this.#world.entered.slice(this.#confirmed);
    this.#confirmed = this.#world.entered.length;
    const added = fresh.filter(({ seq }) => seq > this.entries.length);
    for (const stored of fresh) this.#keep(stored);
    return added;
  }

  /** Reads the file. Returns what is new in it. */
  async look(): Promise<readonly StoredEntry[]> {
    const { ledgerFile } = this.#world;
    if (!existsSync(ledgerFile)) return [];
    this.confirmed();
    const known = this.entries.length;
    const { rows, cursor } = await outside(async () => {
      const database = await Database.open(ledgerFile, 'read');
      try {
        const rows = await database.all<{ seq: number; leaf: Buffer; bytes: Buffer }>(
          'SELECT seq, leaf, bytes FROM entries ORDER BY seq',
        );
        const [told] = await database.all<{ seq: number }>("SELECT seq FROM cursors WHERE name = 'centre'");
        return { rows, cursor: told?.seq ?? 0 };
      } finally {
        await database.close();
      }
    });
    assert('I5', rows.length >= known, () => `the ledger had ${known} entries and has ${rows.length}`);
    let prev = createHash('sha256').digest('hex');
    for (const [at, row] of rows.entries()) {
      const leaf = row.leaf.toString('hex');
      assert('I5', row.seq === at + 1, () => `entry ${at + 1} has sequence ${row.seq}`);
      if (at < known) {
        const before = this.entries[at];
        assert('I5', before?.leaf === leaf && row.bytes.equals(before.bytes), () => `entry ${row.seq} was changed`);
      } else {
        const hash = createHash('sha256').update(Buffer.of(0)).update(row.bytes).digest('hex');
        assert('I5', hash === leaf, () => `entry ${row.seq} has leaf ${leaf} and hashes to ${hash}`);
        const entry = JSON.parse(row.bytes.toString('utf8')) as Entry;
        assert(
          'I5',
          entry.seq === row.seq && entry.prev === prev,
          () => `entry ${row.seq} does not follow the one before`,
        );
        this.#keep({ seq: row.seq, leaf, bytes: row.bytes, entry });
      }
      prev = leaf;
    }
    // Whoever counts as told has to have said so.
    const { receipt, centre, broker } = this.#world;
    const said = receipt === 'centre' ? centre.acknowledged : broker.taken;
    assert('I4', cursor <= said, () => `events up to ${cursor} count as told, and ${receipt} has said ${said}`);
    return this.entries.slice(known);
  }

  /** An event that leaves the dock speaks of an entry that is durable, in its very bytes (I4). */
  event(payload: Buffer): void {
    this.confirmed();
    const { sequence, leaf } = JSON.parse(payload.toString('utf8')) as { sequence: string; leaf: string };
    const stored = this.entries[Number(sequence) - 1];
    assert('I4', stored !== undefined, () => `event ${Number(sequence)} was told before it was entered`);
    const from = payload.indexOf('"data":') + '"data":'.length;
    const same = stored.leaf === leaf && payload.subarray(from, -1).equals(stored.bytes);
    assert('I4', same, () => `event ${stored.seq} is not the entry that is in the ledger`);
  }

  /** The centre got every event for the first time in order and without a gap. */
  events(): void {
    const { events } = this.#world.broker;
    for (const text of events.slice(this.#eventsSeen)) {
      const { sequence } = JSON.parse(text) as { sequence: string };
      const seq = Number(sequence);
      // What is beyond an event that the broker has dropped comes again after it.
      const inOrder = seq <= this.#lastEvent + 1 || this.#world.broker.dropped.has(this.#lastEvent + 1);
      assert('I5', inOrder, () => `the centre got event ${seq} after ${this.#lastEvent}`);
      if (seq === this.#lastEvent + 1) this.#lastEvent = seq;
    }
    this.#eventsSeen = events.length;
  }

  get lastEvent(): number {
    return this.#lastEvent;
  }

  /** Every leaf, link, document and register, by the daemon's own full check. */
  async checkFull(): Promise<void> {
    const { ledgerFile, clock } = this.#world;
    if (!existsSync(ledgerFile)) return;
    const { problem } = await outside(() => checkLedger({ file: ledgerFile, depth: 'full', clock }));
    if (problem === null) return;
    const invariant = problem.kind === 'register' ? 'I4' : 'I5';
    assert(
      invariant,
      false,
      () => `the ledger is not sound: ${problem.kind}, expected ${problem.expected}, found ${problem.found}`,
    );
  }

  #keep(stored: StoredEntry): void {
    const at = stored.seq - 1;
    const before = this.entries[at];
    if (before === undefined) {
      assert('I5', at === this.entries.length, () => `entry ${stored.seq} came after ${this.entries.length}`);
      this.entries.push(stored);
    } else {
      assert(
        'I5',
        before.leaf === stored.leaf,
        () => `entry ${stored.seq} was entered a second time with other content`,
      );
    }
  }
}
