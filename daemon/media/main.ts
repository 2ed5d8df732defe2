/**
 * The process of custodock-media.service: the only one that may mount. Knows the configuration, the log and systemd; what it does to
 * cards is in `drivers/media/helper/`, and nothing of the dock is loaded here.
 */
import { exitCodes } from '../runtime/exit.js';
import { runMedia } from './media-service.js';

const stop = new Promise<string>((resolve) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
});

process.exitCode = await runMedia(process.env, stop).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  return exitCodes.broken;
});
