/**
 * A million inputs for the decoders of what USB cameras send, and a tenth as many conversations for the initiator: no crash, nothing
 * slow, no memory that grows, no wait for what never ends.
 *
 *     npm run fuzz -- [inputs] [seed]
 */
import { Random } from '../simulation/random.js';
import { conversationFrom, decodeHostile, hostileFrom, talkToHostile } from '../support/ptp-hostile.js';

/** One input may take so long, ms. What other programs on the machine took is not the decoder's: the best of three counts. */
const slowMs = 50;
const again = 2;
const mostGrowthBytes = 64 << 20;

const [inputs = 1_000_000, seed = Date.now() % 1_000_000_000] = process.argv.slice(2).map(Number);
const stream = new Random(String(seed));
const random = (): number => stream.next();
console.log(`${inputs} inputs, seed ${seed}`);
const startedMs = performance.now();
let slowestMs = 0;
let warmBytes = 0;
let grownBytes = 0;
for (let done = 0; done < inputs; done += 1) {
  const hostile = hostileFrom(random);
  let tookMs = Number.POSITIVE_INFINITY;
  try {
    for (let tries = 0; tries <= again && tookMs > slowMs; tries += 1) {
      const beganMs = performance.now();
      decodeHostile(hostile);
      tookMs = Math.min(tookMs, performance.now() - beganMs);
    }
  } catch (error) {
    console.error(`decoder ${hostile.decoder}, ${Buffer.from(hostile.bytes).toString('hex')}`);
    throw error;
  }
  slowestMs = Math.max(slowestMs, tookMs);
  if (done % 10 === 0) await talkToHostile(conversationFrom(random));
  if (done % 10_000 !== 0) continue;
  const { rss } = process.memoryUsage();
  if (done === Math.min(100_000, inputs / 2)) warmBytes = rss;
  if (warmBytes > 0) grownBytes = Math.max(grownBytes, rss - warmBytes);
}
const tookS = (performance.now() - startedMs) / 1000;
console.log(
  `${tookS.toFixed(1)} s, slowest ${slowestMs.toFixed(1)} ms, memory grew by ${(grownBytes / 2 ** 20).toFixed(1)} MiB after the first 100,000`,
);
if (slowestMs > slowMs || grownBytes > mostGrowthBytes) {
  console.error(`expected at most ${slowMs} ms and ${mostGrowthBytes / 2 ** 20} MiB`);
  process.exitCode = 1;
}
