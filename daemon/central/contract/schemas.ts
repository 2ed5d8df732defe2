/**
 * The JSON Schemas (2020-12) of everything that goes between a dock and the centre, made from the types that the code uses.
 *
 * Objects are left open, because fields may be added to them (never removed, never given another meaning): a receiver must
 * ignore what it does not know.
 */
import { z } from 'zod';
import { type EntryKind, entryBodies, entryKinds, entryTime, entryVersion } from '../../custody/entry.js';
import { entrySchemaId, eventType } from '../event.js';
import { acknowledgement } from '../receipt.js';
import { bayDocument, cameraDocument, dockState } from '../state.js';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

export const eventName = (kind: EntryKind): string => `event.${kind}`;

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const positive = z.int().min(1).max(Number.MAX_SAFE_INTEGER);

/** The document whose canonical bytes (RFC 8785) are hashed: `data` of an event. */
function entryOf(kind: EntryKind): z.ZodType {
  return z.object({
    v: z.literal(entryVersion).describe('version of this document'),
    dock: z.string(),
    epoch: positive,
    seq: positive.describe('from 1, without gaps within an epoch'),
    prev: hex64.describe('leaf hash of the entry before; that of the empty tree for the first'),
    time: entryTime,
    kind: z.literal(kind),
    body: entryBodies[kind],
  });
}

function eventOf(kind: EntryKind): z.ZodType {
  return z.object({
    specversion: z.literal('1.0'),
    id: z.string().describe('<dock>/<epoch>/<sequence>'),
    source: z.string().describe('URI reference: custodock/<bureau>/<dock>'),
    type: z.literal(eventType(kind)),
    time: z.iso
      .datetime({ precision: 3 })
      .describe('when it was entered; how far that is to be believed is in data.time'),
    sequence: z
      .string()
      .regex(/^\d{16}$/)
      .describe('data.seq, padded so that it sorts as text (CloudEvents sequence extension)'),
    epoch: positive,
    leaf: hex64.describe('SHA-256(0x00 ‖ canonical bytes of data), RFC 6962'),
    datacontenttype: z.literal('application/json'),
    dataschema: z.literal(entrySchemaId(kind)),
    data: entryOf(kind),
  });
}

/** `strict` forbids what is not named: what the dock itself is held to. */
function toJsonSchema(schema: z.ZodType, name: string, strict: boolean): JsonSchema {
  const json = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: strict ? 'output' : 'input',
    reused: 'inline',
    override: ({ jsonSchema }) => {
      // The generated pattern knows leap years in four lines; `format` says the same, this keeps UTC and milliseconds.
      if (jsonSchema.format === 'date-time')
        jsonSchema.pattern = '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$';
      // No format of JSON Schema: `contentEncoding` says it.
      if (jsonSchema.format === 'base64') delete jsonSchema.format;
    },
  });
  return { ...json, $id: `urn:custodock:message:${name}:v1`, title: name };
}

/** The schema of the entry has its own name inside that of the event: the one that `dataschema` gives. */
function eventSchema(kind: EntryKind, strict: boolean): JsonSchema {
  const json = toJsonSchema(eventOf(kind), eventName(kind), strict);
  const entry = json.properties?.['data'];
  return { ...json, properties: { ...json.properties, data: { $id: entrySchemaId(kind), ...Object(entry) } } };
}

const stateSchemas: Readonly<Record<string, z.ZodType>> = {
  state: dockState,
  bay: bayDocument,
  camera: cameraDocument,
  ack: acknowledgement,
};

/** Every message by name: `event.<kind>`, `state`, `bay`, `camera`, `ack`. */
export function messageSchemas(strict = false): Readonly<Record<string, JsonSchema>> {
  const events = entryKinds.map((kind) => [eventName(kind), eventSchema(kind, strict)]);
  const states = Object.entries(stateSchemas).map(([name, schema]) => [name, toJsonSchema(schema, name, strict)]);
  return Object.fromEntries([...events, ...states]);
}
