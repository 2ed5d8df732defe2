/** Brokers that refuse, stall, lie or are not there: each named by its own code, reported once, and survived. */
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MqttOptions, mqttBroker } from '../../daemon/central/mqtt-link.js';
import { DockError } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';
import { BreakableLine } from '../support/breakable-line.js';
import { type CentreRig, centreRig } from '../support/centre-rig.js';
import { centreSide, until } from '../support/centre-side.js';
import { type Certificates, freePort, Mosquitto, makeCertificates } from '../support/mosquitto.js';
import { connack, disconnect, maximumPacketSize, receiveMaximum, ScriptedBroker } from '../support/scripted-broker.js';

const cleanups: (() => Promise<unknown>)[] = [];
// At the end of the file, because the tests of a group run side by side: most of their time is waiting.
afterAll(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function started(url: string, mqtt: Partial<MqttOptions> = {}): Promise<CentreRig> {
  const rig = centreRig({ url, mqtt });
  cleanups.push(() => rig.stop());
  rig.ledger.enter({ kind: 'dock.stopped', body: { reason: 'x' } });
  await rig.centre.start();
  return rig;
}

/** The codes that were reported, in order. */
function reported({ log }: CentreRig): string[] {
  return log.lines.flatMap(({ error }) => (error instanceof DockError ? [error.code] : []));
}

/** Resolves when it has been reported, and stays one report over some more attempts. */
async function reportsOnce(rig: CentreRig, code: string): Promise<void> {
  await until(() => reported(rig).length > 0, code);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(reported(rig)).toEqual([code]);
  expect(rig.centre.status().waiting).toBe(1);
}

async function scripted(answer?: Buffer, then?: Buffer): Promise<ScriptedBroker> {
  const broker = await ScriptedBroker.start(answer, then);
  cleanups.push(() => broker.stop());
  return broker;
}

describe.concurrent('a broker that does not let the dock in', () => {
  it.each([5, 4] as const)(
    'because of the password is reported once, retried slowly, and used when it does (level %i)',
    async (protocol) => {
      const broker = await Mosquitto.start({ users: { dock: 'right' } });
      cleanups.push(() => broker.stop());
      const refused = await started(broker.url, { protocol, username: 'dock', password: 'wrong' });
      await reportsOnce(refused, 'DOCK_CENTRE_REFUSED');
      expect(refused.centre.status().state).toBe('refused');
      const admitted = await started(broker.url, { protocol, username: 'dock', password: 'right' });
      await until(() => admitted.centre.status().waiting === 0, 'the entry is told');
      expect(reported(admitted)).toEqual([]);
    },
  );

  it('because of its access rules leaves the entries in the ledger', async () => {
    const broker = await Mosquitto.start({ extra: ['acl_file /dev/null'] });
    cleanups.push(() => broker.stop());
    const rig = await started(broker.url);
    await reportsOnce(rig, 'DOCK_CENTRE_REFUSED');
    expect(rig.ledger.cursors.get('centre')).toBeUndefined();
  });

  it.each([
    [132, 'DOCK_CENTRE_PROTOCOL', 'refused'],
    [133, 'DOCK_CENTRE_REFUSED', 'refused'],
    [137, 'DOCK_CENTRE_UNREACHABLE', 'connecting'],
  ] as const)('with reason %i says so', async (reason, code, state) => {
    const broker = await scripted(connack(reason));
    const rig = await started(broker.url);
    await reportsOnce(rig, code);
    expect(rig.centre.status().state).toBe(state);
    expect(broker.connections).toBeGreaterThan(1);
  });

  it('because another client has its identity says so', async () => {
    const rig = await started((await scripted(connack(), disconnect(142))).url);
    await reportsOnce(rig, 'DOCK_CENTRE_TAKEN_OVER');
  });
});

describe.concurrent('a broker that takes only small messages', () => {
  it('leaves the stream at the first that is too large, says so, and loses nothing', async () => {
    const broker = await scripted(connack(0, ...maximumPacketSize(200)));
    const rig = await started(broker.url);
    await reportsOnce(rig, 'DOCK_CENTRE_TOO_LARGE');
    expect(broker.received).not.toContain('"specversion"');
  });
});

describe.concurrent('a broker that is not there', () => {
  it('is told from one whose name cannot be resolved', async () => {
    await reportsOnce(await started(`mqtt://127.0.0.1:${await freePort()}`), 'DOCK_CENTRE_UNREACHABLE');
    await reportsOnce(await started('mqtt://no-such-broker.invalid:1883'), 'DOCK_CENTRE_ADDRESS');
  });

  it('is used as soon as it is there', async () => {
    const broker = await Mosquitto.start();
    cleanups.push(() => broker.stop());
    await broker.kill('SIGTERM');
    const rig = await started(broker.url);
    await until(() => reported(rig).length === 1, 'reported');
    await broker.restart();
    await until(() => rig.centre.status().waiting === 0, 'the entry is told');
  });
});

describe.concurrent('a broker that stalls (I8)', () => {
  it('before its CONNACK is given up after the deadline, and its sockets with it', async () => {
    const broker = await scripted();
    const rig = await started(broker.url);
    await reportsOnce(rig, 'DOCK_CENTRE_STALLED');
    await until(() => broker.connections > 1, 'another attempt');
    expect(broker.open).toBeLessThanOrEqual(1);
  });

  it('after its CONNACK, without ever a PUBACK, is given up too', async () => {
    const broker = await scripted(connack());
    const rig = await started(broker.url);
    await until(() => reported(rig).includes('DOCK_CENTRE_STALLED'), 'reported');
    await until(() => broker.connections > 1, 'another attempt');
    expect(rig.ledger.cursors.get('centre')).toBeUndefined();
    expect(rig.centre.status().waiting).toBe(1);
  });

  it('gets no more at once than it said it takes', async () => {
    const broker = await scripted(connack(0, ...receiveMaximum(3)));
    const rig = await started(broker.url);
    rig.ledger.enter(...Array.from({ length: 50 }, () => ({ kind: 'dock.stopped' as const, body: { reason: 'x' } })));
    await until(() => broker.received.includes('"specversion"'), 'the first event arrives');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(broker.connections).toBe(1);
    expect([...broker.received.matchAll(/charset=utf-8/g)]).toHaveLength(3);
  });

  it('fails what was on its way as soon as its connection is cut, so that it can be sent again', async () => {
    const { url } = await scripted(connack(0, ...receiveMaximum(2)));
    const hello = { clientId: 'x', will: { topic: 'x', payload: Buffer.of() }, subscriptions: [] };
    const broker = mqttBroker({ url, protocol: 5, keepAliveS: 30 });
    const connection = await broker.connect(hello, () => undefined, AbortSignal.timeout(2_000));
    const options = { retain: false, contentType: 'text/plain' };
    const onTheirWay = ['a', 'b', 'c', 'd'].map((text) => connection.publish('t', Buffer.from(text), options));
    const why = new DockError('DOCK_CENTRE_STALLED', {
      expected: verbatim('x'),
      found: verbatim('x'),
      todo: verbatim('x'),
      retry: 'now',
    });
    connection.cut(why);
    expect(await Promise.allSettled(onTheirWay)).toEqual(onTheirWay.map(() => ({ status: 'rejected', reason: why })));
    expect([connection.open, await connection.over]).toEqual([false, why]);
    await expect(connection.publish('t', Buffer.of(), options)).rejects.toBe(why);
  });

  it('in the midst of an outage that is being drained goes on where it was, in order', async () => {
    const broker = await Mosquitto.start();
    cleanups.push(() => broker.stop());
    const side = await centreSide(broker.url);
    cleanups.push(() => side.stop());
    const line = await BreakableLine.to(broker.port);
    cleanups.push(() => line.stop());
    const rig = await started(line.url);
    for (let count = 0; count < 20; count++) {
      rig.ledger.enter(
        ...Array.from({ length: 100 }, () => ({ kind: 'dock.stopped' as const, body: { reason: 'x' } })),
      );
    }
    await until(() => side.sequences.length > 300, 'some have arrived');
    line.hold();
    await until(() => reported(rig).includes('DOCK_CENTRE_STALLED'), 'reported');
    line.release();
    await until(() => new Set(side.sequences).size === 2_001, 'all have arrived');
    expect([...new Set(side.sequences)]).toEqual(Array.from({ length: 2_001 }, (_, index) => index + 1));
  });
});

describe.concurrent('a broker that talks nonsense (I11)', () => {
  it.each([
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a packet without end', Buffer.of(0x20, 0xff, 0xff, 0xff, 0xff, 0xff)],
    ['zeros', Buffer.alloc(100_000)],
    ['an acknowledgement of nothing', Buffer.concat([connack(), Buffer.of(0x40, 4, 0x12, 0x34, 0, 0)])],
  ])('such as %s ends the attempt and nothing else', async (_, answer) => {
    const broker = await scripted(answer);
    const rig = await started(broker.url);
    await until(() => broker.connections > 1, 'another attempt', 3_000);
    expect(rig.centre.status().waiting).toBe(1);
  });
});

describe.concurrent('TLS', () => {
  let good: Certificates;
  let otherName: Certificates;
  let expired: Certificates;
  beforeAll(async () => {
    [good, otherName, expired] = await Promise.all([
      makeCertificates(),
      makeCertificates({ serverName: 'DNS:other.example' }),
      makeCertificates({ serverDays: -1 }),
    ]);
  });
  afterAll(async () => {
    for (const { directory } of [good, otherName, expired]) await rm(directory, { recursive: true, force: true });
  });

  const pem = (file: string): string => readFileSync(file, 'utf8');
  const secrets = (certificates: Certificates): Partial<MqttOptions> => ({
    ca: pem(certificates.caFile),
    cert: pem(certificates.clientCertFile),
    key: pem(certificates.clientKeyFile),
  });
  async function secured(certificates: Certificates): Promise<string> {
    const broker = await Mosquitto.start({ certificates });
    cleanups.push(() => broker.stop());
    return `mqtts://127.0.0.1:${broker.port}`;
  }

  it('with a client certificate tells the entries', async () => {
    const rig = await started(await secured(good), secrets(good));
    await until(() => rig.centre.status().waiting === 0, 'the entry is told');
    expect(reported(rig)).toEqual([]);
  });

  it('without one is refused by the broker', async () => {
    await reportsOnce(await started(await secured(good), { ca: pem(good.caFile) }), 'DOCK_CENTRE_CERT_REFUSED');
  });

  it('with one of another authority is refused by the broker', async () => {
    const { cert, key } = secrets(otherName);
    await reportsOnce(
      await started(await secured(good), { ca: pem(good.caFile), cert, key }),
      'DOCK_CENTRE_CERT_REFUSED',
    );
  });

  it.each([
    [
      'from an unknown authority',
      () => good,
      () => ({ ...secrets(good), ca: pem(otherName.caFile) }),
      'DOCK_CENTRE_CERT_UNKNOWN',
    ],
    ['for another host', () => otherName, () => secrets(otherName), 'DOCK_CENTRE_CERT_HOST'],
    ['that has expired', () => expired, () => secrets(expired), 'DOCK_CENTRE_CERT_EXPIRED'],
  ] as const)('trusts no broker with a certificate %s', async (_, broker, mqtt, code) => {
    const rig = await started(await secured(broker()), mqtt());
    await reportsOnce(rig, code);
    expect(rig.centre.status().state).toBe('refused');
  });

  it('says that a key is none, and that a plain port speaks no TLS', async () => {
    await reportsOnce(await started('mqtts://127.0.0.1:1', { ...secrets(good), key: 'no key' }), 'DOCK_CENTRE_KEY');
    const plain = await scripted(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await reportsOnce(await started(plain.url.replace('mqtt:', 'mqtts:'), secrets(good)), 'DOCK_CENTRE_PROTOCOL');
  });
});
