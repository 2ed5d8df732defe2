/**
 * `npm run fault`: the built daemon is killed with SIGKILL at random moments of an offload of ten files, started again, and everything is held
 * against what must be true: ten verified recordings, none twice, no part files, a clean ledger, every event at the subscriber, in order.
 *
 * The moment is drawn over the whole time from putting the camera in until it is ready, as measured in a first run without a kill.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkLedger } from '../../daemon/custody/check.js';
import { systemClock } from '../../daemon/runtime/clock.js';
import { segments, writeCard } from '../../drivers/simulated/card.js';
import { type CentreSide, centreSide } from '../support/centre-side.js';
import { DaemonRig, eventually } from '../support/daemon-rig.js';
import { Mosquitto } from '../support/mosquitto.js';

const files = 10;
const fileBytes = 24_000_000;
const camera = 'C0001';

interface Outcome {
  readonly killedAtMs: number | null;
  readonly state: string;
  readonly problems: readonly string[];
  readonly tookMs: number;
  readonly resumedBytes: number;
}

async function round(killAtMs: number | null): Promise<Outcome> {
  const broker = await Mosquitto.start({ persistence: true });
  const centre = await centreSide(broker.url);
  const rig = await DaemonRig.make({ bays: 2, brokerUrl: broker.url, cameras: [camera] });
  try {
    const card = join(rig.cards, camera);
    const truth = await writeCard(card, {
      seed: `kill ${killAtMs}`,
      device: camera,
      user: '0042',
      recordings: segments('2026-11-20T09:00:00', files, fileBytes),
    });
    await rig.start();
    const startedMs = systemClock.monotonicMs();
    await rig.putIn(1, card, { serial: camera, batteryPercent: 98, capacityBytes: 64e9, freeBytes: 60e9 });
    let state = 'not killed';
    if (killAtMs !== null) {
      await new Promise((resolve) => setTimeout(resolve, killAtMs));
      state = rig.log.at(-1)?.key ?? 'nothing logged';
      await rig.end('SIGKILL');
      await rig.start();
    }
    await eventually(
      () => rig.cradle.light(1) === 'green-steady',
      60_000,
      () => rig.tail(),
    );
    const tookMs = systemClock.monotonicMs() - startedMs;
    const code = await rig.end('SIGTERM');
    const problems = await whatIsWrong(
      rig,
      truth.map(({ sha256 }) => sha256 ?? ''),
      centre,
    );
    if (code !== 0) problems.push(`the daemon ended with ${code} after SIGTERM`);
    const resumedBytes = (await rig.entered('recording.offloaded')).reduce((sum, body) => sum + body.resumedBytes, 0);
    return { killedAtMs: killAtMs, state, problems, tookMs, resumedBytes };
  } finally {
    await rig.close();
    await centre.stop();
    await broker.stop();
  }
}

async function whatIsWrong(rig: DaemonRig, truth: readonly string[], centre: CentreSide): Promise<string[]> {
  const problems: string[] = [];
  const entered = await rig.entered('recording.offloaded');
  const hashes = entered.map(({ sha256 }) => sha256).sort();
  if (JSON.stringify(hashes) !== JSON.stringify([...truth].sort())) {
    problems.push(`entered ${hashes.length} recordings, not exactly the ${truth.length} of the card`);
  }
  const stored: string[] = [];
  for (const name of await readdir(rig.archive, { recursive: true, withFileTypes: true })) {
    const file = join(name.parentPath, name.name);
    if (!name.isFile() || file.endsWith('.sha256') || file.endsWith('custodock-archive.json')) continue;
    if (file.includes('/.parts/') || file.endsWith('.part')) problems.push(`left over: ${file}`);
    else
      stored.push(
        createHash('sha256')
          .update(await readFile(file))
          .digest('hex'),
      );
  }
  if (JSON.stringify(stored.sort()) !== JSON.stringify(hashes))
    problems.push(`${stored.length} files in the archive differ from the ledger`);
  const check = await checkLedger({ file: rig.ledgerFile, depth: 'full', clock: systemClock });
  if (check.problem !== null) problems.push(`ledger: ${check.problem.kind} at ${check.problem.seq}`);
  // What the daemon told while it stopped may still be on its way.
  await eventually(
    () => centre.sequences.includes(check.seq),
    5_000,
    () => `event ${check.seq}`,
  ).catch((error: Error) => {
    problems.push(error.message);
  });
  const firsts = [...new Set(centre.sequences)];
  if (firsts.some((sequence, index) => sequence !== index + 1)) problems.push('events are missing or out of order');
  return problems;
}

const { values } = parseArgs({ options: { kills: { type: 'string', default: '20' } } });
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const whole = await round(null);
print(
  `without a kill: ready after ${Math.round(whole.tookMs)} ms${whole.problems.map((problem) => `; ${problem}`).join('')}`,
);
let bad = whole.problems.length;
for (let kill = 1; kill <= Number(values.kills); kill++) {
  const outcome = await round(Math.round(Math.random() * whole.tookMs));
  bad += outcome.problems.length;
  print(
    `kill ${String(kill).padStart(2)} after ${String(outcome.killedAtMs).padStart(5)} ms (last logged: ${outcome.state}), resumed ${(outcome.resumedBytes / 1e6).toFixed(1)} MB: ${
      outcome.problems.length === 0
        ? 'ten verified, none twice, no parts, ledger clean, all events in order'
        : outcome.problems.join('; ')
    }`,
  );
}
print(bad === 0 ? `${values.kills} kills survived` : `${bad} problems`);
process.exitCode = bad === 0 ? 0 : 1;
