/** Arguments, signals, exit codes; the only place that ends the process. */
import { run } from './run.js';

const stop = new Promise<string>((resolve) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
});
const file = process.argv[3] ?? '/etc/custodock/config.yaml';
process.exitCode = await run(file, process.env, process.stderr.isTTY === true, {
  stop,
  onReload: (listener) => process.on('SIGHUP', listener),
});
