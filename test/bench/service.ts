/** The environment that the systemd unit gives the daemon: what is measured is what is shipped. */
import { readFile } from 'node:fs/promises';

/** From dist/test/bench/. */
const unit = new URL('../../../systemd/custodock.service', import.meta.url);
/** Without these something else would be measured. */
const needed = ['UV_THREADPOOL_SIZE', 'MALLOC_ARENA_MAX', 'NODE_OPTIONS'];

export async function serviceEnvironment(): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(unit, 'utf8');
  const lines = text.matchAll(/^Environment="?([A-Z_]+)=([^"\n]*)"?$/gm);
  const set = Object.fromEntries(Array.from(lines, ([, name = '', value = '']) => [name, value]));
  const missing = needed.filter((name) => set[name] === undefined);
  if (missing.length > 0) throw new Error(`custodock.service does not set ${missing.join(', ')}`);
  return set;
}
