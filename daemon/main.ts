/** Arguments, signals, exit codes; the only place that ends the process. */
import { messageOf } from '../drivers/contract/error.js';
import { lookAtUsb } from '../drivers/usb/devices.js';
import { custodock } from './console/command.js';
import { processTerminal } from './console/terminal.js';
import { systemClock } from './runtime/clock.js';
import { endWithinMs, exitCodes, held, unforeseen } from './runtime/exit.js';
import type { Log } from './runtime/log.js';
import { packageVersion } from './runtime/package-file.js';

/** The first signal that asks to stop; a second one ends the process as it would without us. */
function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}

const { env, stderr } = process;
const terminal = processTerminal(env, () => process.exit(exitCodes.stopped));

/** How the process says why it ends: in the log, once there is one. */
let lastWords: Log['error'] = (_key, fields, error) =>
  terminal.writeError(`${fields?.['stack'] ?? messageOf(error)}\n`);

// No orderly stop: what it would go on with is in a state that nobody knows. Every start finds its way from any end.
process.on('uncaughtException', (error) => {
  try {
    lastWords('dock.broken', { stack: error.stack }, unforeseen(error));
  } finally {
    process.exit(exitCodes.broken);
  }
});

process.exitCode = await custodock(process.argv.slice(2), {
  terminal,
  clock: systemClock,
  environment: env,
  version: await packageVersion(),
  interruption() {
    const interruption = new AbortController();
    void stopSignal().then((signal) => interruption.abort(new Error(signal)));
    return interruption.signal;
  },
  lookAtUsb: () => lookAtUsb(systemClock),
  // Loaded when asked for: a command that only looks at the dock does not wait for all that runs one.
  async run({ configFile }) {
    const stop = stopSignal();
    const { run } = await import('./run.js');
    return run(configFile, env, stderr.isTTY === true, {
      stop,
      onReload: (listener) => process.on('SIGHUP', listener),
      lastWordsTo(log) {
        lastWords = log.error;
      },
    });
  },
  async demo({ once, media, broker }, language) {
    const stop = stopSignal();
    const [{ demo }, { showOn }] = await Promise.all([import('./demo/demo.js'), import('./demo/show.js')]);
    return demo({ once, media, broker, language, show: showOn(terminal, language), stop });
  },
});

// A read that hangs holds a thread, and Node waits for its threads at its own end and in process.exit alike: only a signal gets past
// them. Not waited for where nothing hangs.
setTimeout(() => {
  lastWords('process.killed', {}, held());
  process.kill(process.pid, 'SIGKILL');
}, endWithinMs).unref();
