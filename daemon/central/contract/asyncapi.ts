/** The published contract between docks and the centre as an AsyncAPI 3.0 document, made from schemas and examples. Pure. */
import { entryKinds } from '../../custody/entry.js';
import { eventContentType } from '../event.js';
import { stateContentType } from '../state.js';
import { messageExamples } from './examples.js';
import { eventName, messageSchemas } from './schemas.js';

/** Version of the contract: the first number changes when a receiver that was right becomes wrong. */
const CONTRACT_VERSION = '1.1.0';

const SCHEMA_FORMAT = 'application/schema+json;version=draft-2020-12';
const ROOT = 'custodock/v1/{bureau}/{dock}';

const description = `What a Custodock docking station tells the bureau's central system, and what it hears back.

**Events** are the entries of the dock's custody ledger, one ordered stream per dock, at least once.
A receiver keeps, per dock and epoch, the highest \`sequence\` up to which it has everything, and

1. ignores an event whose sequence it has (comparing \`leaf\`: the same sequence with another leaf is a rewritten history, and an alarm),
2. takes only the next one: anything beyond a gap will come again,
3. recomputes \`leaf\` as SHA-256(0x00 ‖ canonical bytes of \`data\`, RFC 8785) and checks that \`data.prev\` is the leaf before,
4. publishes an acknowledgement on \`ack\` for what it has durably kept, at least every 500 events and every few seconds.

A PUBACK is the broker's word only. With \`central.receipt: centre\` the dock keeps sending until the centre has acknowledged;
with \`broker\` an event that the broker loses is lost, and shows as a gap. The broker must queue for the centre while it is away:
persistent session, persistence on, no limit on queued messages below what an outage brings. MQTT 3.1.1 brokers acknowledge
what their access rules then drop; MQTT 5 brokers say so.

**State** topics are retained and only show what is now. They name no person. A last will on \`state\` says that a dock is lost;
\`boot\` tells whether it speaks of the run that is known. A message of zero bytes on \`bays/…\` or \`cameras/…\` says that the
dock has that bay, or that camera in its register, no more; nothing is retained there from then on. To find what was told by
an earlier run the dock subscribes to its own \`bays/+\` and \`cameras/+\`: the broker's access rules should let it.`;

type Json = Readonly<Record<string, unknown>>;

const ref = (path: string): Json => ({ $ref: `#/${path}` });

interface Channel {
  readonly name: string;
  readonly address: string;
  readonly title: string;
  readonly description?: string;
  readonly messages: readonly string[];
  readonly action: 'send' | 'receive';
  readonly retain: boolean;
}

const channels: readonly Channel[] = [
  {
    name: 'events',
    address: `${ROOT}/events`,
    title: 'Entries of the custody ledger, in order',
    messages: entryKinds.map(eventName),
    action: 'send',
    retain: false,
  },
  { name: 'state', address: `${ROOT}/state`, title: 'The dock now', messages: ['state'], action: 'send', retain: true },
  {
    name: 'bays',
    address: `${ROOT}/bays/{bay}`,
    title: 'One bay now',
    description: 'Zero bytes: the dock has this bay no more.',
    messages: ['bay'],
    action: 'send',
    retain: true,
  },
  {
    name: 'cameras',
    address: `${ROOT}/cameras/{camera}`,
    title: 'One camera now',
    description: 'Zero bytes: this camera is not in the register of the dock any more.',
    messages: ['camera'],
    action: 'send',
    retain: true,
  },
  {
    name: 'ack',
    address: `${ROOT}/ack`,
    title: 'How far the centre has received the events',
    messages: ['ack'],
    action: 'receive',
    retain: false,
  },
];

const parameters: Readonly<Record<string, Json>> = {
  bureau: { description: 'name of the bureau, percent-encoded as one topic level' },
  dock: { description: 'name of the dock in the bureau, percent-encoded as one topic level' },
  bay: { description: 'the bay by physical place, such as 1-3' },
  camera: { description: 'camera id as in the register of cameras, percent-encoded as one topic level' },
};

function contentTypeOf(message: string): string {
  return message.startsWith('event.') ? eventContentType : stateContentType;
}

export function asyncApiDocument(): Json {
  const schemas = messageSchemas();
  const examples = messageExamples();
  const names = Object.keys(schemas);
  return {
    asyncapi: '3.0.0',
    id: 'urn:custodock:centre:v1',
    info: { title: 'Custodock to centre', version: CONTRACT_VERSION, description },
    defaultContentType: stateContentType,
    servers: {
      centre: {
        host: '{broker}',
        protocol: 'secure-mqtt',
        protocolVersion: '5',
        description: 'Broker of the bureau. TLS with one client certificate per dock; MQTT 3.1.1 works too.',
        variables: { broker: { description: 'host name, and port where it is not 8883' } },
        security: [ref('components/securitySchemes/certificate')],
      },
    },
    channels: Object.fromEntries(
      channels.map((channel) => [
        channel.name,
        {
          address: channel.address,
          title: channel.title,
          ...(channel.description === undefined ? {} : { description: channel.description }),
          messages: Object.fromEntries(channel.messages.map((name) => [name, ref(`components/messages/${name}`)])),
          parameters: Object.fromEntries(
            [...channel.address.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [
              name,
              ref(`components/parameters/${name}`),
            ]),
          ),
        },
      ]),
    ),
    operations: Object.fromEntries(
      channels.map((channel) => [
        `${channel.action}.${channel.name}`,
        {
          action: channel.action,
          title: channel.title,
          channel: ref(`channels/${channel.name}`),
          messages: channel.messages.map((name) => ref(`channels/${channel.name}/messages/${name}`)),
          bindings: { mqtt: { qos: 1, retain: channel.retain, bindingVersion: '0.2.0' } },
        },
      ]),
    ),
    components: {
      parameters,
      securitySchemes: { certificate: { type: 'X509', description: 'client certificate of the dock' } },
      messages: Object.fromEntries(
        names.map((name) => [
          name,
          {
            name,
            title: name,
            contentType: contentTypeOf(name),
            payload: ref(`components/schemas/${name}`),
            examples: (examples[name] ?? []).map((payload) => ({ payload })),
          },
        ]),
      ),
      schemas: Object.fromEntries(names.map((name) => [name, { schemaFormat: SCHEMA_FORMAT, schema: schemas[name] }])),
    },
  };
}
