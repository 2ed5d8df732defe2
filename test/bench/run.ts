/** `npm run bench`: every figure of D14 from one run, peers beside ours as ratios. `npm run bench -- ledger lights` runs some. */
import { cpus, loadavg, tmpdir } from 'node:os';
import { systemClock } from '../../daemon/runtime/clock.js';
import { clockResidual, outbox, startAndIdle } from './daemon.js';
import { ledgerRates } from './ledger.js';
import { listing } from './listing.js';
import { lights, oneBay, pulledAtHalf, sixteenBays } from './offload.js';
import { coldStart } from './peers.js';
import { overPtp } from './ptp.js';
import { type Figure, table } from './report.js';
import { smallRecordings } from './small.js';

const benches: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  offload: oneBay,
  sixteen: sixteenBays,
  small: smallRecordings,
  ptp: overPtp,
  listing,
  lights,
  pulled: pulledAtHalf,
  clock: clockResidual,
  ledger: ledgerRates,
  daemon: startAndIdle,
  outbox,
};

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => benches[name] === undefined);
if (unknown.length > 0) {
  print(`there is no bench ${unknown.join(', ')}; there are: ${Object.keys(benches).join(', ')}`);
  process.exitCode = 64;
} else {
  print(
    `Node ${process.version}, ${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}; cards, archive and copies of peers share the disk of ${tmpdir()}`,
  );
  if (!(await coldStart())) print('caches cannot be dropped here (not root): peers read from their cache');
  const figures: Figure[] = [];
  for (const [name, bench] of Object.entries(benches)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const beganMs = systemClock.monotonicMs();
    figures.push(...(await bench()));
    print(
      `… ${name}: ${((systemClock.monotonicMs() - beganMs) / 1000).toFixed(0)} s, load ${loadavg()[0]?.toFixed(1)}`,
    );
  }
  print(`\n${table(figures)}`);
  const missed = figures.filter(({ met }) => met === false).length;
  if (missed > 0) process.exitCode = 1;
  print(missed === 0 ? '\nevery budget met' : `\n${missed} budget(s) missed`);
}
