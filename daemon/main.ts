/** Arguments, signals, exit codes; the only place that ends the process. */
import { custodock } from './console/command.js';
import { processTerminal } from './console/terminal.js';
import { systemClock } from './runtime/clock.js';
import { exitCodes } from './runtime/exit.js';
import { packageVersion } from './runtime/package-file.js';

/** The first signal that asks to stop; a second one ends the process as it would without us. */
function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
}

const { env, stderr } = process;
const terminal = processTerminal(env, () => process.exit(exitCodes.stopped));

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
  // Loaded when asked for: a command that only looks at the dock does not wait for all that runs one.
  async run({ configFile }) {
    const stop = stopSignal();
    const { run } = await import('./run.js');
    return run(configFile, env, stderr.isTTY === true, {
      stop,
      onReload: (listener) => process.on('SIGHUP', listener),
    });
  },
  async demo({ once, media, broker }, language) {
    const stop = stopSignal();
    const [{ demo }, { showOn }] = await Promise.all([import('./demo/demo.js'), import('./demo/show.js')]);
    return demo({ once, media, broker, language, show: showOn(terminal, language), stop });
  },
});
