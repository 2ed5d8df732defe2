import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkLedger } from '../../daemon/custody/check.js';
import { openLedger } from '../../daemon/custody/open.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import { type LedgerFolder, ledgerFolder, offloaded, tamperUnseen } from '../support/ledger-rig.js';

// The built code: a process of its own and worker threads cannot run TypeScript.
const built = (path: string): string => fileURLToPath(new URL(`../../dist/${path}`, import.meta.url));

let rig: LedgerFolder;
beforeEach(async () => {
  rig = await ledgerFolder();
});
afterEach(() => rig.remove());

/** The program of a process that opens the ledger, and runs `work` with `ledger`, `writeSync` and `fact(reason)`. */
const program = (work: string): readonly string[] => [
  '--input-type=module',
  '-e',
  `const { openLedger } = await import(${JSON.stringify(built('daemon/custody/open.js'))});
   const { systemClock } = await import(${JSON.stringify(built('daemon/runtime/clock.js'))});
   const { writeSync } = await import('node:fs');
   const entryClock = () =>
     ({ utc: '2026-01-02T03:04:05.678Z', boot: 'b', monotonicMs: 1, trusted: true, source: 'ntp', errorMs: 1 });
   const { ledger } = await openLedger(
     { file: ${JSON.stringify(rig.options.file)}, dock: 'dock-1', clock: systemClock, entryClock });
   const fact = (reason) => ({ kind: 'dock.stopped', body: { reason } });
   ${work}`,
];

/** A process that appends four flows of pairs for ever and prints, as `leaf seq`, what was acknowledged. */
function appendForEver(): ChildProcess {
  const work = `
    const flow = async (name) => {
      for (let n = 0; ; n += 1) {
        const stored = await ledger.append(fact(name + n + 'a'), fact(name + n + 'b'));
        writeSync(1, stored.map((entry) => entry.leaf + ' ' + entry.seq + '\\n').join(''));
      }
    };
    await Promise.all(['p', 'q', 'r', 's'].map(flow));`;
  return spawn(process.execPath, program(work), { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** System calls of a process, in the order in which they ended, as strace tells them. */
async function systemCalls(calls: string, work: string): Promise<readonly string[]> {
  const trace = join(rig.folder, 'trace');
  const child = spawn(
    'strace',
    ['-f', '-qq', '-y', '-s', '64', '-e', `trace=${calls}`, '-o', trace, process.execPath, ...program(work)],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const exitCode = await new Promise((resolve) => child.once('close', resolve));
  expect(exitCode).toBe(0);
  return (await readFile(trace, 'utf8')).split('\n');
}

describe('a ledger whose daemon is killed', () => {
  it('has every entry that was acknowledged, each append whole, and a clean chain (I4, I5)', async () => {
    let acknowledged = 0;
    for (let round = 0; round < 5; round += 1) {
      const child = appendForEver();
      let printed = '';
      const gone = new Promise((resolve) => child.once('close', resolve));
      await new Promise<void>((resolve) => {
        child.stdout?.on('data', (chunk: Buffer) => {
          // A different moment of the work each time: some milliseconds after the first acknowledgement.
          if (printed === '') setTimeout(() => resolve(void child.kill('SIGKILL')), 5 + Math.random() * 60);
          printed += chunk.toString();
        });
      });
      await gone;
      const { ledger } = await openLedger(rig.options);
      const lines = printed.split('\n').slice(0, -1);
      acknowledged += lines.length;
      for (const line of lines.slice(-50)) {
        const [leaf, seq] = line.split(' ');
        const [stored] = await ledger.read(Number(seq), 1);
        expect(stored?.leaf, `entry ${seq}`).toBe(leaf);
      }
      // Two facts an append: an odd number would be half of one.
      expect(ledger.head().seq % 2).toBe(0);
      await ledger.close();
      const check = await checkLedger({ file: rig.options.file, depth: 'full', clock: systemClock });
      expect(check.problem).toBeNull();
      expect(check.seq).toBeGreaterThanOrEqual(acknowledged);
    }
    expect(acknowledged).toBeGreaterThan(50);
  });
});

describe('an acknowledged entry', () => {
  it('was forced to the medium before anybody heard of it (I4)', async () => {
    const calls = await systemCalls(
      'fsync,fdatasync,write',
      `for (let n = 0; n < 10; n += 1) {
         await ledger.append(fact(String(n)));
         writeSync(1, 'acknowledged ' + n);
       }
       await ledger.close();`,
    );
    const order = calls.flatMap((call) => {
      if (/f(data)?sync\(\d+<[^>]*ledger\.sqlite-wal>/.test(call)) return ['sync'];
      return /write\(1[^,]*, "acknowledged/.test(call) ? ['acknowledged'] : [];
    });
    const acknowledgements = order.flatMap((what, index) => (what === 'acknowledged' ? [index] : []));
    expect(acknowledgements).toHaveLength(10);
    for (const index of acknowledgements) expect(order[index - 1]).toBe('sync');
  });
});

describe('the check on a thread', () => {
  type CheckInWorker = typeof import('../../daemon/custody/check-in-worker.js')['checkInWorker'];
  let checkInWorker: CheckInWorker;
  beforeEach(async () => {
    ({ checkInWorker } = (await import(built('daemon/custody/check-in-worker.js'))) as {
      checkInWorker: CheckInWorker;
    });
    const { ledger } = await openLedger(rig.options);
    await ledger.append(...Array.from({ length: 1_200 }, (_, index) => offloaded('d1', `${index}.mp4`)));
    await ledger.close();
  });

  it('finds what the check finds', async () => {
    const { signal } = new AbortController();
    expect(await checkInWorker(rig.options.file, 'full', signal)).toMatchObject({ entries: 1_200, problem: null });
    await tamperUnseen(rig.options.file, 'UPDATE entries SET leaf = zeroblob(32) WHERE seq = 700');
    expect((await checkInWorker(rig.options.file, 'chain', signal)).problem).toMatchObject({
      kind: 'edited',
      seq: 700,
    });
  });

  it('fails with the error of the check, and ends when it is told to', async () => {
    const none = checkInWorker(`${rig.options.file}.none`, 'chain', new AbortController().signal);
    await expect(none).rejects.toMatchObject({ code: 'DOCK_LEDGER_UNREACHABLE', retry: 'never' });
    const stop = new AbortController();
    const running = checkInWorker(rig.options.file, 'full', stop.signal);
    stop.abort(new Error('the dock stops'));
    await expect(running).rejects.toThrow('the dock stops');
    await expect(checkInWorker(rig.options.file, 'full', stop.signal)).rejects.toThrow('the dock stops');
  });
});
