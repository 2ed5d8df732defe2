/** The JSON Schema that editors use for completion and marking, generated from the schema itself. Pure. */
import { z } from 'zod';
import { configSchema } from './schema.js';

/** Draft 7 is what yaml-language-server, and so every editor, understands best. `io: input`: options with a default may be left out. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...rest } = z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' });
  return {
    $schema,
    title: 'Custodock configuration',
    description: 'Generated from config/schema.ts; change it there.',
    ...rest,
  };
}
