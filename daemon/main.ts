/** Arguments, signals, exit codes; the only place that ends the process. */
import { demo } from './demo/demo.js';
import { showOn } from './demo/show.js';
import { run } from './run.js';

const stop = new Promise<string>((resolve) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
});
if (process.argv[2] === 'demo') {
  const media = process.argv.flatMap((argument, index) => (process.argv[index - 1] === '--media' ? [argument] : []));
  const broker = process.argv.flatMap((argument, index) => (process.argv[index - 1] === '--broker' ? [argument] : []))[0];
  const terminal = { write: (text: string) => void process.stdout.write(text), writeError: (text: string) => void process.stderr.write(text), isTTY: process.stdout.isTTY === true, columns: process.stdout.columns ?? 120, rows: process.stdout.rows ?? 40, colour: process.stdout.isTTY === true };
  process.exitCode = await demo({ once: process.argv.includes('--once'), media, broker, language: process.argv.includes('zh-CN') ? 'zh-CN' : 'en', show: showOn(terminal, process.argv.includes('zh-CN') ? 'zh-CN' : 'en'), stop });
} else {
  const file = process.argv[4] ?? '/etc/custodock/config.yaml';
  process.exitCode = await run(file, process.env, process.stderr.isTTY === true, {
    stop,
    onReload: (listener) => process.on('SIGHUP', listener),
  });
}
