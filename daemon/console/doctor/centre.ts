/** The way to the centre: is the broker there, and are the certificates good. Connects, says nothing, hangs up. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Config } from '../../../config/schema.js';
import { readSecret } from '../../../config/secrets.js';
import { type Language, say } from '../../language/messages.js';
import {
  type Check,
  type Finding,
  fail,
  ok,
  type Patient,
  skipped,
  troubleText,
  usualDeadlineMs,
  warn,
} from './check.js';

const connectDeadlineMs = 4_000;
const soonDays = 30;
const dayMs = 86_400_000;

type Central = NonNullable<Config['central']>;

export function centreChecks({ central }: Config): Check[] {
  const absent = async ({ language }: Patient): Promise<Finding> => skipped(say(language, 'status.centre.off'));
  return [
    {
      what: 'broker',
      area: 'software',
      deadlineMs: connectDeadlineMs + 1_000,
      run: central === undefined ? absent : (patient) => broker(central, patient),
    },
    {
      what: 'certificates',
      area: 'software',
      deadlineMs: usualDeadlineMs,
      run: central === undefined ? absent : (patient) => certificates(central, patient),
    },
  ];
}

async function broker(central: Central, { clock, environment, language }: Patient): Promise<Finding> {
  const { protocol, hostname, port } = new URL(central.url);
  const secure = protocol === 'mqtts:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const at = { host, port: Number(port) || (secure ? 8883 : 1883) };
  const startedMs = clock.monotonicMs();
  const identity = secure ? await ownIdentity(central, environment['CREDENTIALS_DIRECTORY']) : {};
  const outcome = await new Promise<{ readonly trouble: string } | { readonly peerUntilMs: number | null }>(
    (resolve) => {
      const socket = secure
        ? connectTls({
            ...at,
            ...identity,
            ...(/[a-z]/i.test(host) && !host.includes(':') ? { servername: host } : {}),
          })
        : connect(at);
      const settle = (result: { trouble: string } | { peerUntilMs: number | null }): void => {
        timer.cancel();
        socket.destroy();
        resolve(result);
      };
      const timer = clock.timer('doctor.broker', connectDeadlineMs, () =>
        settle({ trouble: say(language, 'doctor.late', { seconds: connectDeadlineMs / 1000 }) }),
      );
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        const until = 'getPeerX509Certificate' in socket ? socket.getPeerX509Certificate()?.validTo : undefined;
        settle({ peerUntilMs: until === undefined ? null : Date.parse(until) });
      });
      socket.once('error', (error) => settle({ trouble: troubleText(error, language) }));
    },
  );
  const address = `${at.host}:${at.port}`;
  if ('trouble' in outcome) {
    return fail(
      `${address}${language === 'en' ? ': ' : '：'}${outcome.trouble}`,
      say(language, secure ? 'doctor.broker.todo-tls' : 'doctor.broker.todo'),
    );
  }
  const ms = Math.round(clock.monotonicMs() - startedMs);
  const found = `${address}${language === 'en' ? ': ' : '：'}${say(language, 'doctor.tcp.answers', { ms })}${secure ? ' (TLS)' : ''}`;
  if (outcome.peerUntilMs === null) return ok(found);
  const days = Math.floor((outcome.peerUntilMs - clock.wallMs()) / dayMs);
  return days < soonDays
    ? warn(say(language, 'doctor.certificate.ends', { what: address, days }), say(language, 'doctor.certificate.todo'))
    : ok(found);
}

/** What the dock would show of itself; what cannot be read is the finding of the other check. */
async function ownIdentity(
  { caFile, certFile, keyFile }: Central,
  credentials: string | undefined,
): Promise<{ ca?: Buffer; cert?: Buffer; key?: Buffer }> {
  const read = async (work: Promise<Buffer> | undefined): Promise<Buffer | undefined> => {
    try {
      return await work;
    } catch {
      return undefined;
    }
  };
  const ca = await read(caFile === undefined ? undefined : readFile(caFile));
  const cert = await read(certFile === undefined ? undefined : readFile(certFile));
  const key = await read(keyFile === undefined ? undefined : readSecret(keyFile, credentials));
  return {
    ...(ca === undefined ? {} : { ca }),
    // A certificate without its key, or the other way round, makes TLS refuse before it has begun.
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}

async function certificates(central: Central, { clock, environment, language }: Patient): Promise<Finding> {
  const { caFile, certFile, keyFile } = central;
  const files = [caFile, certFile].filter((file) => file !== undefined);
  if (files.length === 0 && keyFile === undefined) return skipped(say(language, 'doctor.certificate.none'));
  const ends: { readonly what: string; readonly days: number }[] = [];
  for (const file of files) {
    const read = await certificatesIn(file, language);
    if ('verdict' in read) return read;
    for (const certificate of read) {
      const days = Math.floor((Date.parse(certificate.validTo) - clock.wallMs()) / dayMs);
      ends.push({ what: file, days });
      if (Date.parse(certificate.validFrom) > clock.wallMs()) {
        return fail(
          say(language, 'doctor.certificate.not-yet', { what: file, from: certificate.validFrom }),
          say(language, 'doctor.certificate.not-yet.todo'),
        );
      }
    }
    if (file === certFile && keyFile !== undefined) {
      const mismatch = await keyTrouble(read[0], keyFile, environment['CREDENTIALS_DIRECTORY'], language);
      if (mismatch !== null) return mismatch;
    }
  }
  const first = ends.toSorted((a, b) => a.days - b.days)[0];
  if (first === undefined) return skipped(say(language, 'doctor.certificate.none'));
  const found = say(language, first.days < 0 ? 'doctor.certificate.ended' : 'doctor.certificate.ends', {
    what: first.what,
    days: Math.abs(first.days),
  });
  const todo = say(language, 'doctor.certificate.todo');
  if (first.days < 0) return fail(found, todo);
  return first.days < soonDays ? warn(found, todo) : ok(found);
}

async function certificatesIn(file: string, language: Language): Promise<readonly X509Certificate[] | Finding> {
  try {
    const text = await readFile(file, 'utf8');
    const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
    if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block));
    return fail(say(language, 'doctor.certificate.empty', { what: file }), say(language, 'doctor.certificate.todo'));
  } catch (error) {
    return fail(
      `${file}${language === 'en' ? ': ' : '：'}${troubleText(error, language)}`,
      say(language, 'doctor.certificate.todo'),
    );
  }
}

async function keyTrouble(
  certificate: X509Certificate | undefined,
  keyFile: string,
  credentials: string | undefined,
  language: Language,
): Promise<Finding | null> {
  // systemd shows credentials to the service alone.
  if (keyFile.startsWith('credential:') && credentials === undefined) return null;
  try {
    const key = createPrivateKey(await readSecret(keyFile, credentials));
    if (certificate?.checkPrivateKey(key) === true) return null;
    return fail(
      say(language, 'doctor.certificate.other-key', { what: keyFile }),
      say(language, 'doctor.certificate.todo'),
    );
  } catch (error) {
    return fail(
      `${keyFile}${language === 'en' ? ': ' : '：'}${troubleText(error, language)}`,
      say(language, 'doctor.certificate.todo'),
    );
  }
}
