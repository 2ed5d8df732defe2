/** The ledger as a service of the dock: what it says of an opening, and how checks share the machine. */
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerCheck } from '../../daemon/custody/check.js';
import { type CheckLedger, LedgerService, ledgerPath } from '../../daemon/custody/ledger-service.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import { KeptLog } from '../support/kept-log.js';
import { docked, type LedgerFolder, ledgerFolder, tamper } from '../support/ledger-rig.js';

let rig: LedgerFolder;
let log: KeptLog;
beforeEach(async () => {
  rig = await ledgerFolder();
  log = new KeptLog();
});
afterEach(() => rig.remove());

const service = (checkLedger: CheckLedger): LedgerService =>
  new LedgerService({
    stateDir: dirname(rig.options.file),
    dock: 'dock-1',
    entryClock: rig.options.entryClock,
    clock: systemClock,
    log,
    language: () => 'en',
    checkLedger,
    onFailed: () => undefined,
  });
const keys = (): string[] => log.lines.map(({ key }) => key);
const noCheck: CheckLedger = () => Promise.reject(new Error('not asked for'));

describe('the ledger of a dock', () => {
  it('says when its registers were built again', async () => {
    const first = service(noCheck);
    await first.start();
    await first.ledger.append(docked('d1'));
    await first.stop();
    await tamper(ledgerPath(rig.folder), 'DROP TABLE cameras');
    const second = service(noCheck);
    await second.start();
    await second.stop();
    expect(keys()).toEqual(['ledger.created', 'ledger.opened', 'ledger.registers-rebuilt']);
    expect(log.lines.at(-1)).toMatchObject({ level: 'warn', fields: { entries: 1 } });
  });

  it('is checked once at a time, and once for all who ask for the same', async () => {
    const running: string[] = [];
    const end: (() => void)[] = [];
    const checks = service((_file, depth) => {
      running.push(depth);
      return new Promise((resolve) => {
        end.push(() => resolve(finding(depth)));
      });
    });
    const chain = checks.check('chain');
    const asked = [checks.check('full'), checks.check('chain'), checks.check('full')];
    await settled();
    expect(running).toEqual(['chain']);
    end[0]?.();
    expect((await chain).depth).toBe('chain');
    await settled();
    expect(running).toEqual(['chain', 'full']);
    end[1]?.();
    expect((await Promise.all(asked)).map(({ depth }) => depth)).toEqual(['full', 'chain', 'full']);
    expect(keys()).toEqual(['ledger.checked', 'ledger.checked']);
    // What is over is not handed out again.
    void checks.check('full');
    await settled();
    expect(running).toEqual(['chain', 'full', 'full']);
  });

  it('is checked again after a check that came to nothing', async () => {
    let times = 0;
    const checks = service((_file, depth) => {
      times += 1;
      return times === 1 ? Promise.reject(new Error('no thread')) : Promise.resolve(finding(depth));
    });
    const failing = checks.check('full');
    const next = checks.check('chain');
    await expect(failing).rejects.toThrow('no thread');
    expect((await next).depth).toBe('chain');
    expect((await checks.check('full')).depth).toBe('full');
  });
});

function finding(depth: LedgerCheck['depth']): LedgerCheck {
  const counts = { epoch: 1, seq: 1, leaf: '', entries: 1, unknownKinds: 0, elapsedMs: 1, entriesPerSecond: 1_000 };
  return { depth, dock: 'dock-1', ...counts, problem: null };
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 5));
}
