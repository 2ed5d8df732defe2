/** Files of the package beside the code: the example configuration, the units. */
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Path of a file of the package. The code runs from `dist/` or, under test, from the source: both have package.json above. */
export async function packagePath(name: string): Promise<string> {
  let folder = import.meta.dirname;
  while (!(await exists(path.join(folder, 'package.json'))) && folder !== path.dirname(folder)) {
    folder = path.dirname(folder);
  }
  return path.join(folder, name);
}

export async function packageFile(name: string): Promise<string> {
  return readFile(await packagePath(name), 'utf8');
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** The version of this software, as package.json has it. */
export async function packageVersion(): Promise<string> {
  const parsed: unknown = JSON.parse(await packageFile('package.json'));
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : 'unknown';
}
