/**
 * Loaded into the measured daemon with `--import`: how late its event loop is. Written to the file that CUSTODOCK_BENCH_LOOP names when the
 * daemon gets SIGUSR2, with what it sees from then on beginning anew.
 */
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const file = process.env['CUSTODOCK_BENCH_LOOP'];
if (isMainThread && file !== undefined) {
  const resolutionMs = 5;
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  process.on('SIGUSR2', () => {
    // The histogram holds the time between two looks; what is above its own period is delay.
    const of = (percentile: number): number => Math.max(0, delay.percentile(percentile) / 1e6 - resolutionMs);
    writeFileSync(
      file,
      JSON.stringify({ p50Ms: of(50), p99Ms: of(99), maxMs: Math.max(0, delay.max / 1e6 - resolutionMs) }),
    );
    delay.reset();
  });
}
