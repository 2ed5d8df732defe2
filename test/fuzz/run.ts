/**
 * A million inputs for the decoders of what USB cameras send and for those who talk to them: no crash, nothing slow, no memory that grows, and
 * on virtual time no wait beyond its deadline.
 *
 *     npm run fuzz -- [inputs] [seed]
 *     npm run fuzz -- 1 <seed> <target> <number>       one input again
 */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { ambarellaAnswers, ambarellaCommands, ambarellaDockings } from '../support/ambarella-hostile.js';
import { usbDescriptors } from '../support/descriptors-hostile.js';
import { heldBytes, usedBytes } from '../support/held-bytes.js';
import { meet, type Target } from '../support/hostile.js';
import { jieliCommands, jieliDockings, jieliWrappers } from '../support/jieli-hostile.js';
import { ptpDatasets, ptpLadder, ptpTransactions } from '../support/ptp-hostile.js';
import { informationBlocks } from '../support/standard-hostile.js';

const targets: readonly Target[] = [
  ptpDatasets,
  ptpTransactions,
  ptpLadder,
  ambarellaAnswers,
  ambarellaCommands,
  ambarellaDockings,
  jieliWrappers,
  jieliCommands,
  jieliDockings,
  informationBlocks,
  usbDescriptors,
];

/** One input may take so long, one talk with all that comes in it so long, ms. What other programs took is not its: the best of five counts. */
const slowMs = { decoding: 50, talking: 500 };
const again = 4;
/** What has not returned by then never will, ms. */
const endlessMs = 20_000;
const mib = 1 << 20;
/** Most memory that one input may ask for, and what a target may hold on to once it has run warm. */
const mostAskedMib = 64;
const mostKeptMib = 4;
const warmAfter = 0.1;
/** Failures that are told, of each target: what goes wrong mostly does so often. */
const mostTold = 3;

/** Which input it is at: the one thread tells the other, for a decoder that never returns tells nobody. */
const place = workerData instanceof Int32Array ? workerData : new Int32Array(new SharedArrayBuffer(8));

interface Tally {
  failures: number;
  slowestMs: number;
  askedMib: number;
  keptMib: number;
  /** Longest wait on virtual time, as a share of how long it may be; undefined where nothing waits. */
  wait: number | undefined;
}

async function meetAll(target: Target, seed: string, first: number, inputs: number): Promise<Tally> {
  const tally: Tally = { failures: 0, slowestMs: 0, askedMib: 0, keptMib: 0, wait: undefined };
  let warmBytes = 0;
  for (let done = 0; done < inputs; done += 1) {
    const number = first + done;
    place[1] = number;
    try {
      const beforeBytes = usedBytes();
      const { tookMs, wait } = await meetTimed(target, seed, number);
      // Less where a collection came in between: over so many inputs it does not hide what is large.
      tally.askedMib = Math.max(tally.askedMib, (usedBytes() - beforeBytes) / mib);
      tally.slowestMs = Math.max(tally.slowestMs, tookMs);
      if (wait !== undefined) tally.wait = Math.max(tally.wait ?? 0, wait);
    } catch (error) {
      tally.failures += 1;
      if (tally.failures <= mostTold) console.error(`${target.name}, seed ${seed}, number ${number}:`, error);
    }
    if (done === Math.floor(inputs * warmAfter)) warmBytes = heldBytes();
  }
  tally.keptMib = (heldBytes() - warmBytes) / mib;
  return tally;
}

async function meetTimed(target: Target, seed: string, number: number) {
  let tookMs = Number.POSITIVE_INFINITY;
  let wait: number | undefined;
  for (let tries = 0; tries <= again && tookMs > mostMsOf(target); tries += 1) {
    const beganMs = performance.now();
    wait = await meet(target, seed, number);
    tookMs = Math.min(tookMs, performance.now() - beganMs);
  }
  return { tookMs, wait };
}

function mostMsOf(target: Target): number {
  return 'talk' in target ? slowMs.talking : slowMs.decoding;
}

function row(name: string, ...figures: readonly string[]): string {
  return `${name.padEnd(26)}${figures.map((figure) => figure.padStart(14)).join('')}`;
}

async function run([inputs = '1000000', seed = String(Date.now() % 1_000_000_000), only, first = '0']: string[]) {
  const chosen = targets.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0) throw new Error(`${only} is none of ${targets.map(({ name }) => name).join(', ')}`);
  const allParts = chosen.reduce((sum, { parts }) => sum + parts, 0);
  const beganMs = performance.now();
  console.log(
    `${inputs} inputs, seed ${seed}; for one at most ${slowMs.decoding} ms (a talk ${slowMs.talking}) and ${mostAskedMib} MiB`,
  );
  console.log(row('target', 'inputs', 'failures', 'slowest, ms', 'asked, MiB', 'kept, MiB', 'longest wait'));
  for (const target of chosen) {
    place[0] = targets.indexOf(target);
    const share = Math.ceil((Number(inputs) * target.parts) / allParts);
    const { failures, slowestMs, askedMib, keptMib, wait } = await meetAll(target, seed, Number(first), share);
    if (failures > 0 || slowestMs > mostMsOf(target) || askedMib > mostAskedMib || keptMib > mostKeptMib)
      process.exitCode = 1;
    const figures = [slowestMs, askedMib, keptMib].map((figure) => figure.toFixed(1));
    const waited = wait === undefined ? '' : `${Math.round(wait * 100)} %`;
    console.log(row(target.name, `${share}`, `${failures}`, ...figures, waited));
  }
  console.log(`${Math.round((performance.now() - beganMs) / 1000)} s; a wait is told as a share of how long it may be`);
}

/** Runs it all in a thread, and ends that where an input holds it up. */
function watch(): void {
  const worker = new Worker(new URL(import.meta.url), { argv: process.argv.slice(2), workerData: place });
  let before = '';
  const timer = setInterval(() => {
    const now = place.join();
    const [target = 0, number] = place;
    if (now === before) {
      console.error(`${targets[target]?.name}, number ${number}: not over after ${endlessMs} ms`);
      process.exitCode = 1;
      process.exit();
    }
    before = now;
  }, endlessMs);
  worker.on('exit', (code) => {
    clearInterval(timer);
    process.exitCode ??= code;
  });
}

if (isMainThread) watch();
else await run(process.argv.slice(2));
