/** The files of the published contract by name: what is beside this source, and what a test holds them against. Pure. */
import { asyncApiDocument } from './asyncapi.js';
import { messageSchemas } from './schemas.js';

/** Text of every file, by its path relative to `daemon/central/contract/`. */
export function publishedFiles(): Readonly<Record<string, string>> {
  const files: Record<string, string> = { 'asyncapi.json': text(asyncApiDocument()) };
  for (const [name, schema] of Object.entries(messageSchemas())) files[`schemas/${name}.json`] = text(schema);
  return files;
}

function text(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
