/** The version of this software, from package.json, which is beside dist/ in the package and in the repository alike. */
import { readFile } from 'node:fs/promises';

export async function version(): Promise<string> {
  const parsed: unknown = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'));
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : 'unknown';
}
