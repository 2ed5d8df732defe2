/**
 * The log as the technician gets it; the one importer of pino and pino-pretty. Answerable for where lines go and how they
 * look; must never lose one silently: every destination is synchronous, and what the journal refuses goes to stderr.
 */
import { fstatSync } from 'node:fs';
import { pino } from 'pino';
import { prettyFactory } from 'pino-pretty';
import type { Clock } from '../../drivers/contract/clock.js';
import { DockError, messageOf } from '../../drivers/contract/error.js';
import { printable } from '../../drivers/contract/text.js';
import { describeError } from '../language/errors.js';
import { type Language, type MessageKey, placeholders, say } from '../language/messages.js';
import { sendDatagram } from './datagram.js';
import { encodeJournalEntry } from './journal-entry.js';
import type { Log, LogFields } from './log.js';
import type { Environment } from './service-notify.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** `fd`: where lines go, or what the journal refused; 2 keeps them apart from a command's own output. */
export type LogDestination =
  | { readonly kind: 'journal'; readonly fd: number; readonly socket: string }
  /** `plain`: as `pretty`, without colours. */
  | { readonly kind: 'json' | 'pretty' | 'plain'; readonly fd: number };

export interface LogOptions {
  readonly level: LogLevel;
  readonly language: Language;
  readonly destination: LogDestination;
  readonly clock: Pick<Clock, 'wallMs'>;
}

export interface OpenLog {
  readonly log: Log;
  setLevel(level: LogLevel): void;
  setLanguage(language: Language): void;
  /** Lines that could not be written anywhere: the reader of the pipe is gone, the disk behind the file is full. */
  lostLines(): number;
}

const JOURNAL_SOCKET = '/run/systemd/journal/socket';
const IDENTIFIER = 'custodock';

/** Longest message, characters: a line, not a page. */
const LONGEST_MESSAGE = 1_000;

/** syslog priorities (RFC 5424) of our levels; `journalctl -p warning` goes by them. */
const priorities = { debug: 7, info: 6, warn: 4, error: 3 } as const;

/** The places that stand before the message, in this order. */
const places = ['bay', 'camera'] as const;

/** Under systemd the native journal, on a terminal pretty lines, else JSON. `environment` has systemd's JOURNAL_STREAM. */
export function chooseDestination(environment: Environment, isTerminal: boolean, fd = 2): LogDestination {
  const { dev, ino } = fstatSync(fd);
  if (environment['JOURNAL_STREAM'] === `${dev}:${ino}`) return { kind: 'journal', fd, socket: JOURNAL_SOCKET };
  return { kind: isTerminal ? 'pretty' : 'json', fd };
}

interface Line {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

export function openLog(options: LogOptions): OpenLog {
  let { language } = options;
  const sink = openSink(options);
  const write = (bound: LogFields, level: LogLevel, key: MessageKey, fields: LogFields = {}, error?: unknown): void => {
    if (!sink.wants(level)) return;
    const all = { ...bound, ...fields };
    sink.write({
      level,
      message: messageLine(language, key, all, error),
      fields: { key, ...all, ...errorFields(error) },
    });
  };
  const logWith = (bound: LogFields): Log => ({
    debug: (key, fields) => write(bound, 'debug', key, fields),
    info: (key, fields) => write(bound, 'info', key, fields),
    warn: (key, fields, error) => write(bound, 'warn', key, fields, error),
    error: (key, fields, error) => write(bound, 'error', key, fields, error),
    with: (fields) => logWith({ ...bound, ...fields }),
  });
  return {
    log: logWith({}),
    setLevel: sink.setLevel,
    setLanguage: (next) => {
      language = next;
    },
    lostLines: sink.lostLines,
  };
}

/** `1-3 C0123 message: error. [CODE]`: where, who, what, why. A place that the message itself names is not said twice. */
function messageLine(language: Language, key: MessageKey, fields: LogFields, error: unknown): string {
  const named = placeholders(key);
  const before = places.filter((place) => fields[place] && !named.has(place)).map((place) => `${fields[place]} `);
  const after = error === undefined ? '' : `${language === 'zh-CN' ? '：' : ': '}${describeError(language, error)}`;
  return printable(`${before.join('')}${say(language, key, fields)}${after}`, LONGEST_MESSAGE);
}

/** An error that nobody expected brings its stack: it is a fault of ours, not of the dock's surroundings. */
function errorFields(error: unknown): LogFields {
  if (error === undefined) return {};
  if (!(error instanceof DockError)) {
    return { error: messageOf(error), stack: error instanceof Error ? error.stack : undefined };
  }
  const { code, expected, found, todo, retry, cause } = error;
  return { code, expected, found, todo, retry, cause: cause === undefined ? undefined : messageOf(cause) };
}

interface Sink {
  wants(level: LogLevel): boolean;
  write(line: Line): void;
  setLevel(level: LogLevel): void;
  lostLines(): number;
}

function openSink({ level, destination, clock }: LogOptions): Sink {
  let lost = 0;
  const output = pino.destination({ fd: destination.fd, sync: true });
  // Without a listener a reader that went away (EPIPE) would end the dock; a log must never do that.
  output.on('error', () => {
    lost++;
  });
  const readable = destination.kind === 'pretty' || destination.kind === 'plain';
  const pretty = readable ? prettyFactory({ ...prettyOptions, colorize: destination.kind === 'pretty' }) : undefined;
  const stream = { write: (line: string) => output.write(pretty === undefined ? line : pretty(line)) };
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date(clock.wallMs()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  let journalTroubled = false;
  const toJournal = (socket: string, line: Line): boolean => {
    try {
      sendDatagram(socket, journalBytes(line));
      journalTroubled = false;
      return true;
    } catch (error) {
      if (!journalTroubled) logger.error(errorFields(error), messageOf(error));
      journalTroubled = true;
      return false;
    }
  };
  return {
    wants: (wanted) => logger.isLevelEnabled(wanted),
    write: (line) => {
      if (destination.kind === 'journal' && toJournal(destination.socket, line)) return;
      logger[line.level](line.fields, line.message);
      if (pretty !== undefined && line.fields['stack']) output.write(stackLines(String(line.fields['stack'])));
    },
    setLevel: (next) => {
      logger.level = next;
    },
    lostLines: () => lost,
  };
}

/** The message in a stack can be a device's text, so each line is made harmless by itself. */
function stackLines(stack: string): string {
  return stack
    .split('\n')
    .slice(1)
    .map((line) => `${printable(line)}\n`)
    .join('');
}

const prettyOptions = {
  colorizeObjects: false,
  hideObject: true,
  ignore: 'key',
  translateTime: 'SYS:HH:MM:ss',
} as const;

function journalBytes({ level, message, fields }: Line): Buffer {
  const { code, ...others } = fields;
  return encodeJournalEntry([
    ['message', message],
    ['priority', priorities[level]],
    ['syslogIdentifier', IDENTIFIER],
    ['code', code],
    ...Object.entries(others),
  ]);
}
