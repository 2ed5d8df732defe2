/** The published contract: equal to the code, valid by its own rules, and what a real broker really delivers. */
import { readdir, readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { messageExamples } from '../../daemon/central/contract/examples.js';
import { publishedFiles } from '../../daemon/central/contract/published.js';
import { messageSchemas } from '../../daemon/central/contract/schemas.js';
import { canonicalBytes } from '../../daemon/custody/canonical.js';
import { entryKinds, type Fact } from '../../daemon/custody/entry.js';
import { leafHash } from '../../daemon/custody/leaf.js';
import { centreRig } from '../support/centre-rig.js';
import { centreSide, type Received, until } from '../support/centre-side.js';
import { Mosquitto } from '../support/mosquitto.js';

const published = new URL('../../daemon/central/contract/', import.meta.url);

function validator(schemas: Readonly<Record<string, object>>): (name: string, payload: unknown) => string {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
  addFormats.default(ajv);
  const compiled = new Map(Object.entries(schemas).map(([name, schema]) => [name, ajv.compile(schema)]));
  return (name, payload) => {
    const validate = compiled.get(name);
    if (validate === undefined) return `no schema ${name}`;
    return validate(payload) ? '' : ajv.errorsText(validate.errors);
  };
}

/** Which schema of the contract a message on a topic has to obey, by the channel addresses of the document alone. */
function messageOf({ topic, payload }: Received): string {
  const [, , , , channel] = topic.split('/');
  if (channel === 'events') return `event.${JSON.parse(payload.toString()).data.kind}`;
  return { bays: 'bay', cameras: 'camera' }[channel ?? ''] ?? channel ?? '';
}

interface AsyncApi {
  readonly asyncapi: string;
  readonly channels: Record<
    string,
    { address: string; messages: Record<string, unknown>; parameters: Record<string, unknown> }
  >;
  readonly operations: Record<string, { action: string; channel: { $ref: string }; messages: { $ref: string }[] }>;
  readonly components: {
    readonly messages: Record<string, { payload: { $ref: string }; examples: { payload: unknown }[] }>;
    readonly schemas: Record<string, { schemaFormat: string; schema: object }>;
  };
}

async function asyncApi(): Promise<AsyncApi> {
  return JSON.parse(await readFile(new URL('asyncapi.json', published), 'utf8'));
}

describe('the published contract', () => {
  it('is what the code says: npm run contract writes it anew', async () => {
    const files = publishedFiles();
    for (const [name, text] of Object.entries(files)) {
      expect(JSON.parse(await readFile(new URL(name, published), 'utf8')), name).toEqual(JSON.parse(text));
    }
    const present = await readdir(new URL('schemas/', published));
    expect(present.map((name) => `schemas/${name}`).sort()).toEqual(
      Object.keys(files)
        .filter((name) => name.startsWith('schemas/'))
        .sort(),
    );
  });

  it('is an AsyncAPI 3.0 document in which every reference leads somewhere', async () => {
    const document = await asyncApi();
    expect(document.asyncapi).toBe('3.0.0');
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
    expect(references.length).toBeGreaterThan(60);
    for (const path of references) {
      const target = path.split('/').reduce<unknown>((at, key) => Object(at)[key], document);
      expect(target, path).toBeTypeOf('object');
    }
    for (const [name, operation] of Object.entries(document.operations)) {
      expect(['send', 'receive'], name).toContain(operation.action);
      for (const { $ref } of operation.messages)
        expect($ref.startsWith(`${operation.channel.$ref}/messages/`), $ref).toBe(true);
    }
    for (const { address, parameters } of Object.values(document.channels)) {
      expect(Object.keys(parameters).sort()).toEqual(
        [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort(),
      );
    }
  });

  it('has an example of every message that obeys its schema, and of every kind of entry', async () => {
    const { messages, schemas } = (await asyncApi()).components;
    const validate = validator(Object.fromEntries(Object.entries(schemas).map(([name, { schema }]) => [name, schema])));
    expect(Object.keys(messages).sort()).toEqual(
      [...entryKinds.map((kind) => `event.${kind}`), 'state', 'bay', 'camera', 'ack'].sort(),
    );
    for (const [name, { examples }] of Object.entries(messages)) {
      expect(examples.length, name).toBeGreaterThan(0);
      for (const { payload } of examples) expect(validate(name, payload), name).toBe('');
    }
  });

  it('refuses what is not in it', () => {
    const validate = validator(messageSchemas());
    const strict = validator(messageSchemas(true));
    const [event] = messageExamples()['event.camera.docked'] ?? [];
    const docked = JSON.parse(JSON.stringify(event));
    expect(validate('event.camera.docked', { ...docked, leaf: 'x' })).toContain('leaf');
    expect(validate('event.camera.docked', { ...docked, type: 'cn.custodock.camera.undocked.v1' })).toContain('type');
    expect(validate('event.camera.docked', { ...docked, data: { ...docked.data, seq: 0 } })).toContain('seq');
    expect(validate('event.camera.ready', docked)).not.toBe('');
    // Fields may be added later: a receiver ignores them, and the dock of today sends none.
    expect(validate('event.camera.docked', { ...docked, added: 1 })).toBe('');
    expect(strict('event.camera.docked', { ...docked, added: 1 })).toContain('additional');
  });
});

describe('what a real broker delivers', () => {
  it('obeys the contract to the letter: every kind, contiguous, hashes and chain recomputed from the wire (I4, I5)', async () => {
    const broker = await Mosquitto.start();
    const side = await centreSide(broker.url);
    const rig = centreRig({ url: broker.url });
    try {
      const examples = messageExamples();
      const facts = entryKinds.map((kind) => Object(examples[`event.${kind}`]?.[0]).data as Fact);
      rig.ledger.enter(...facts.map(({ kind, body }) => ({ kind, body }) as Fact));
      const [bay] = examples['bay'] ?? [];
      rig.status = {
        ...rig.status,
        bays: [{ holder: '003217', ...Object(bay), progress: { ...Object(bay).progress, current: 'x' } }],
      };
      rig.ledger.custody.set('G7A0412', {
        camera: 'G7A0412',
        bay: '1-3',
        lastDockedUtc: '2026-03-02T08:04:12.318Z',
        lastUndockedUtc: null,
        holder: '003217',
        lastClockSet: {
          utc: '2026-03-02T08:04:14.000Z',
          docking: '1-3/20260302T080412Z',
          before: { offsetMs: -97_000, uncertaintyMs: 6 },
          after: { offsetMs: 3, uncertaintyMs: 6 },
        },
        previousClockSet: null,
      });
      await rig.centre.start();
      await until(() => side.sequences.length >= entryKinds.length, 'every entry arrives');
      await until(() => side.messages.some(({ topic }) => topic.includes('/cameras/')), 'the state arrives');
      await rig.stop();
      await until(
        () => side.messages.some(({ payload }) => payload.includes('"reason":"stopped"')),
        'the goodbye arrives',
      );

      const strict = validator(messageSchemas(true));
      const { channels } = await asyncApi();
      const addresses = Object.values(channels).map(
        ({ address }) => new RegExp(`^${address.replace(/\{\w+\}/g, '[^/]+')}$`),
      );
      for (const message of side.messages) {
        expect(strict(messageOf(message), JSON.parse(message.payload.toString())), message.topic).toBe('');
        expect(
          addresses.some((address) => address.test(message.topic)),
          message.topic,
        ).toBe(true);
        expect(message.retain).toBe(!message.topic.endsWith('/events'));
        expect(message.contentType).toMatch(/^application\/(cloudevents\+)?json; charset=utf-8$/);
      }
      expect(new Set(side.messages.map(messageOf))).toEqual(
        new Set([...entryKinds.map((kind) => `event.${kind}`), 'state', 'bay', 'camera']),
      );

      const events = side.messages
        .filter(({ topic }) => topic.endsWith('/events'))
        .map(({ payload }) => JSON.parse(payload.toString()));
      expect(events.map(({ sequence }) => Number(sequence))).toEqual(entryKinds.map((_, index) => index + 1));
      for (const [index, { data, leaf }] of events.entries()) {
        expect(leafHash(canonicalBytes(data))).toBe(leaf);
        if (index > 0) expect(data.prev).toBe(events[index - 1].leaf);
      }
    } finally {
      await rig.stop();
      await side.stop();
      await broker.stop();
    }
  });
});
