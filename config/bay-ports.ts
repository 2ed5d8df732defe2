/**
 * Writes the USB ports of bays into a configuration, with everything else as it was.
 *
 * Must never write a configuration that could not be loaded, nor over one that somebody changed meanwhile.
 */
import { readFile } from 'node:fs/promises';
import { DockError, messageOf } from '../drivers/contract/error.js';
import { phrase, verbatim } from '../drivers/contract/phrase.js';
import { parseYaml } from './document.js';
import { parseConfig } from './load.js';
import { replaceConfig } from './migrate.js';
import { bayName } from './schema.js';

/**
 * The text with these ports, by the names of their bays. Pure. Throws DOCK_BAYS_OLD_CONFIG for a file that has to be migrated first, and
 * DOCK_BAYS_CONFLICT where the result would be refused.
 */
export function withPorts(text: string, file: string, ports: ReadonlyMap<string, string>): string {
  const loaded = parseConfig(text, file);
  if (!loaded.ok || loaded.migrated !== undefined) {
    throw new DockError('DOCK_BAYS_OLD_CONFIG', {
      expected: phrase`a configuration of the present version`,
      found: loaded.ok ? phrase`version ${loaded.migrated?.from ?? '?'}` : phrase`one that cannot be used`,
      todo: phrase`Run custodock config migrate, then map the bays again`,
      retry: 'never',
    });
  }
  const { edit } = parseYaml(text);
  for (const [i, { name, bays }] of loaded.config.cradles.entries()) {
    for (const [j, { slot }] of bays.entries()) {
      const port = ports.get(bayName(name, slot));
      if (port !== undefined) edit.set(['cradles', i, 'bays', j, 'port'], port);
    }
  }
  const written = edit.text();
  const again = parseConfig(written, file);
  if (again.ok) return written;
  throw new DockError('DOCK_BAYS_CONFLICT', {
    expected: phrase`each USB port behind one bay`,
    found: verbatim(again.problems.map(({ option, error }) => `${option}: ${error.found}`).join('; ')),
    todo: phrase`Map all bays, or correct the ports of those that were left as they are`,
    retry: 'never',
  });
}

/** Replaces the file; resolves with the path of the backup. `text`: what was in it when the mapping began. */
export async function writePorts(file: string, text: string, ports: ReadonlyMap<string, string>): Promise<string> {
  const written = withPorts(text, file, ports);
  try {
    if ((await readFile(file, 'utf8')) === text) return await replaceConfig(file, 'before-bays-map', written);
  } catch (error) {
    throw new DockError('DOCK_BAYS_NOT_WRITTEN', {
      expected: phrase`to write ${file}`,
      found: messageOf(error),
      todo: phrase`Run the command as root`,
      retry: 'now',
      cause: error,
    });
  }
  throw new DockError('DOCK_BAYS_NOT_WRITTEN', {
    expected: phrase`${file} as it was when the mapping began`,
    found: phrase`a file that was changed meanwhile`,
    todo: phrase`Map the bays again`,
    retry: 'now',
  });
}
