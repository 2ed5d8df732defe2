/** `npm run contract`: writes the published contract into the directory that is named, as its only argument. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { publishedFiles } from './published.js';

const [, , directory] = process.argv;
if (directory === undefined) throw new Error('expected the directory to write to: daemon/central/contract');

const files = publishedFiles();
const schemas = join(directory, 'schemas');
await mkdir(schemas, { recursive: true });
for (const name of await readdir(schemas)) {
  if (files[`schemas/${name}`] === undefined) await rm(join(schemas, name));
}
for (const [name, text] of Object.entries(files)) {
  await mkdir(dirname(join(directory, name)), { recursive: true });
  await writeFile(join(directory, name), text);
}
