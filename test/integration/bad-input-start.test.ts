/** What the built daemon refuses to start on: code, exit code, nothing touched, and the daemon that runs beside it undisturbed. */
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../daemon/custody/database.js';
import { segments, writeCard } from '../../drivers/simulated/card.js';
import { DaemonRig, runToItsEnd } from '../support/daemon-rig.js';

const pins = (serial: string) => ({ serial, batteryPercent: 97, capacityBytes: 64e9, freeBytes: 60e9 });
let rig: DaemonRig;

beforeAll(async () => {
  rig = await DaemonRig.make({ bays: 2, cameras: ['C0001', 'C0002'] });
  await rig.start();
  await offloadOne(1, 'C0001');
});

afterAll(() => rig?.close());

async function offloadOne(slot: number, id: string): Promise<void> {
  const folder = join(rig.cards, id);
  const recordings = segments('2026-11-20T09:00:00', 2, 50_000);
  await writeCard(folder, { seed: id, device: id, user: '0042', recordings });
  await rig.putIn(slot, folder, pins(id));
  await rig.light(slot, 'green-steady');
}

/** The rig's configuration with a state folder of its own. */
async function variant(name: string): Promise<{ readonly file: string; readonly state: string }> {
  const folder = join(rig.folder, name);
  const state = join(folder, 'state');
  await mkdir(state, { recursive: true });
  const file = join(folder, 'config.yaml');
  await writeFile(file, (await readFile(rig.configFile, 'utf8')).replace(join(rig.folder, 'state'), state));
  return { file, state };
}

/** A copy of the running daemon's ledger, as a backup would make it, with one thing wrong. */
async function spoilt(
  name: string,
  spoil: (ledger: string) => Promise<void>,
): Promise<{ readonly file: string; readonly ledger: string }> {
  const { file, state } = await variant(name);
  const ledger = join(state, 'ledger.db');
  const source = await Database.open(rig.ledgerFile, 'read');
  try {
    await source.exec(`VACUUM INTO '${ledger}'`);
  } finally {
    await source.close();
  }
  const copy = await Database.open(ledger, 'write');
  await copy.exec('PRAGMA journal_mode = WAL');
  await copy.close();
  await spoil(ledger);
  return { file, ledger };
}

async function overwrite(path: string, at: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.write(bytes, 0, bytes.length, at);
  } finally {
    await file.close();
  }
}

/** One letter of what an entry says, wherever SQLite has a copy of it: the file stays sound. */
async function changeAnEntry(ledger: string): Promise<void> {
  const bytes = await readFile(ledger);
  const said = '"officer":"0042"';
  let at = bytes.indexOf(said);
  expect(at).toBeGreaterThan(0);
  for (; at !== -1; at = bytes.indexOf(said, at + 1)) await overwrite(ledger, at + said.indexOf('2'), Buffer.from('3'));
}

describe('the daemon does not start', () => {
  it('on a ledger that another one uses (exit 75), which goes on as if nothing was', async () => {
    const { code, log } = await runToItsEnd(rig.configFile);
    expect(log.at(-1)).toMatchObject({ level: 'error', key: 'dock.not-started', code: 'DOCK_LEDGER_LOCKED' });
    expect(code).toBe(75);
    await offloadOne(2, 'C0002');
    expect(rig.cradle.light(1)).toBe('green-steady');
  });

  it('with a ledger of its own beside another one either, and says why last', async () => {
    const { file } = await spoilt('beside', async () => undefined);
    const { code, log } = await runToItsEnd(file);
    expect(log.at(-1)).toMatchObject({ level: 'error', key: 'dock.not-started', code: 'DOCK_ALREADY_RUNNING' });
    expect(code).not.toBe(0);
    expect(rig.cradle.light(1)).toBe('green-steady');
  });

  it.each([
    {
      what: 'torn',
      error: 'DOCK_LEDGER_CORRUPT',
      spoil: (ledger: string) => overwrite(ledger, 0, Buffer.alloc(64, 0xff)),
    },
    { what: 'changed in one letter of one entry (I5)', error: 'DOCK_LEDGER_BROKEN', spoil: changeAnEntry },
    {
      what: 'of a newer version',
      error: 'DOCK_LEDGER_NEWER',
      // PRAGMA user_version, big-endian: section 1.3.14 of SQLite's file format.
      spoil: (ledger: string) => overwrite(ledger, 60, Buffer.of(0, 0, 3, 231)),
    },
  ])('on a ledger that is $what (exit 70), and leaves it as it is', async ({ what, error, spoil }) => {
    const { file, ledger } = await spoilt(what.replaceAll(/\W/g, ''), spoil);
    const before = await readFile(ledger);
    const { code, log } = await runToItsEnd(file);
    expect(log.at(-1)).toMatchObject({
      level: 'error',
      key: 'dock.not-started',
      code: error,
      todo: expect.any(String),
    });
    expect(code).toBe(70);
    expect((await readFile(ledger)).equals(before)).toBe(true);
  });

  it('on a configuration that is wrong in every section: exit 78, each fault with its line and column, no secret', async () => {
    const { file } = await variant('wrong');
    await writeFile(file, wrong);
    const { code, log } = await runToItsEnd(file);
    expect(code).toBe(78);
    for (const line of log)
      expect(line).toMatchObject({ level: 'error', key: 'config.unusable', todo: expect.any(String) });
    const places = log.map(({ code: error, found }) => `${error} ${String(found).split(`${file}:`).at(-1)}`);
    expect(places).toEqual([
      'DOCK_CONFIG_INVALID 2:13 (dock.id)',
      'DOCK_CONFIG_INVALID 2:46 (dock.language)',
      'DOCK_CONFIG_INVALID 3:8 (media)',
      'DOCK_CONFIG_INVALID 5:24 (cradles[0].unit)',
      'DOCK_CONFIG_MISSING 5:35 (cradles[0].line.serial)',
      'DOCK_CONFIG_UNKNOWN 5:37 (cradles[0].line.udp)',
      'DOCK_CONFIG_INVALID 5:53 (cradles[0].bays)',
      'DOCK_CONFIG_INVALID 6:17 (cameras[0].id)',
      'DOCK_CONFIG_INVALID 7:30 (readiness.batteryPercent)',
      'DOCK_CONFIG_INVALID 8:17 (clock.trust)',
      'DOCK_CONFIG_INVALID 9:26 (archive.reserveBytes)',
      'DOCK_CONFIG_INVALID 10:19 (offload.erase)',
      'DOCK_CONFIG_INVALID 11:17 (central.url)',
      'DOCK_CONFIG_SECRET 11:27 (central.password)',
      'DOCK_CONFIG_INVALID 12:15 (log.level)',
      'DOCK_CONFIG_UNKNOWN 13:1 (extra)',
    ]);
    expect(JSON.stringify(log)).not.toContain('hunter2');
    expect(rig.cradle.light(1)).toBe('green-steady');
  });
});

const wrong = `version: 1
dock: { id: "bad name", bureau: b, language: fr }
media: 7
cradles:
  - { name: "1", unit: 300, line: { udp: a }, bays: [] }
cameras: [{ id: 7001234 }]
readiness: { batteryPercent: 101 }
clock: { trust: [] }
archive: { reserveBytes: -1 }
offload: { erase: always }
central: { url: http://x, password: hunter2 }
log: { level: loud }
extra: 1
`;
