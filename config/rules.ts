/**
 * What a configuration must fulfil beyond the form of each option: things that hold between options. Pure.
 *
 * A rule is asked only when every section that it needs is well formed, so one bad section hides no other's faults.
 */
import { posix } from 'node:path';
import { type Phrase, phrase, verbatim } from '../drivers/contract/phrase.js';
import type { Path } from './document.js';
import { bayName, type Config } from './schema.js';

export interface Conflict {
  readonly path: Path;
  readonly expected: Phrase;
  readonly found: Phrase;
  readonly todo: Phrase;
}

export type Section = keyof Config;

interface Rule {
  readonly needs: readonly Section[];
  readonly check: (config: Config) => Conflict[];
}

/** All conflicts of the sections that could be read. */
export function conflicts(sections: Partial<Config>): Conflict[] {
  return rules
    .filter(({ needs }) => needs.every((section) => section === 'central' || sections[section] !== undefined))
    .flatMap(({ check }) => check(sections as Config));
}

const rules: readonly Rule[] = [
  {
    needs: ['cradles'],
    check: ({ cradles }) =>
      repeated(
        cradles.map(({ name }, i) => [name, ['cradles', i, 'name']]),
        phrase`each cradle has a name of its own`,
      ),
  },
  { needs: ['cradles'], check: repeatedSlots },
  { needs: ['cradles'], check: repeatedPorts },
  { needs: ['cradles'], check: nestedPorts },
  { needs: ['cradles'], check: portsOfHubs },
  { needs: ['cradles'], check: misplacedLeds },
  { needs: ['cradles'], check: repeatedUnits },
  { needs: ['cradles'], check: differingBaud },
  { needs: ['cradles'], check: badTcpPorts },
  {
    needs: ['cameras'],
    check: ({ cameras }) =>
      repeated(
        cameras.map(({ id }, i) => [id, ['cameras', i, 'id']]),
        phrase`each camera is registered once`,
      ),
  },
  { needs: ['dock', 'media', 'archive'], check: overlappingFolders },
  { needs: ['readiness', 'clock'], check: unreachableClock },
  { needs: ['central'], check: centralUrl },
  { needs: ['central'], check: centralCredentials },
];

/** The second and further uses of a value that must be unique. */
function repeated(entries: readonly (readonly [string, Path])[], expected: Phrase): Conflict[] {
  const first = new Map<string, Path>();
  return entries.flatMap(([value, path]) => {
    const before = first.get(value);
    if (before === undefined) {
      first.set(value, path);
      return [];
    }
    return [
      {
        path,
        expected,
        found: phrase`${JSON.stringify(value)} a second time`,
        todo: phrase`Give one of the two another value`,
      },
    ];
  });
}

function repeatedSlots({ cradles }: Config): Conflict[] {
  return cradles.flatMap(({ name, bays }, i) =>
    repeated(
      bays.map(({ slot }, j) => [bayName(name, slot), ['cradles', i, 'bays', j, 'slot']]),
      phrase`each slot of a cradle once`,
    ),
  );
}

function repeatedPorts({ cradles }: Config): Conflict[] {
  const entries = cradles.flatMap(({ name, bays }, i) =>
    bays.map(({ port, slot }, j) => {
      const last = port === undefined ? 'slot' : 'port';
      return [port ?? bayName(name, slot), ['cradles', i, 'bays', j, last]] as const;
    }),
  );
  // Two cradles of one name have been reported as that already.
  if (new Set(cradles.map(({ name }) => name)).size < cradles.length) return [];
  return repeated(entries, phrase`each USB port behind one bay (I7)`);
}

/** `ports@controller` and `bus-ports`, in parts; undefined: the name of a volume. */
function usbPort(port: string | undefined): { readonly ports: string; readonly on: string } | undefined {
  const [, chain, controller] = /^((?:ss-)?\d+(?:\.\d+)*)@(.+)$/.exec(port ?? '') ?? [];
  if (chain !== undefined && controller !== undefined) return { ports: chain, on: controller };
  const [, bus, ports] = /^(\d+)-(\d+(?:\.\d+)*)$/.exec(port ?? '') ?? [];
  return bus === undefined || ports === undefined ? undefined : { ports, on: `bus ${bus}` };
}

/** A bay at a hub has everything that is behind the hub, so no other bay may be there. */
function nestedPorts({ cradles }: Config): Conflict[] {
  const entries = cradles.flatMap(({ bays }, i) =>
    bays.flatMap(({ port }, j) => {
      const parts = usbPort(port);
      return parts === undefined ? [] : [{ port, parts, path: ['cradles', i, 'bays', j, 'port'] }];
    }),
  );
  return entries.flatMap(({ port, parts, path }) => {
    const above = entries.find(
      (other) => other.parts.on === parts.on && parts.ports.startsWith(`${other.parts.ports}.`),
    );
    if (above === undefined) return [];
    return [
      {
        path,
        expected: phrase`a port that is not behind that of another bay (I7)`,
        found: phrase`${port ?? ''} behind ${above.port ?? ''}`,
        todo: phrase`Correct one of the two ports`,
      },
    ];
  });
}

/** Where nothing but its port tells what is in a bay, the bay needs one. */
function portsOfHubs({ cradles }: Config): Conflict[] {
  return cradles.flatMap(({ line, bays }, i) =>
    bays.flatMap(({ port }, j) => {
      if (!('usb' in line) || usbPort(port) !== undefined) return [];
      return [
        {
          path: ['cradles', i, 'bays', j, port === undefined ? 'slot' : 'port'],
          expected: phrase`a USB port for each bay of a cradle whose line is usb`,
          found: port === undefined ? phrase`none` : verbatim(port),
          todo: phrase`Find it out with custodock bays map, or write it as 1-1.3`,
        },
      ];
    }),
  );
}

function misplacedLeds({ cradles }: Config): Conflict[] {
  const entries = cradles.flatMap(({ line, bays }, i) =>
    bays.flatMap(({ leds = [] }, j) =>
      leds.map((led, k) => ({ led, line, path: ['cradles', i, 'bays', j, 'leds', k] as Path })),
    ),
  );
  const ofBoards = entries.filter(({ line }) => !('usb' in line));
  return [
    ...ofBoards.map(({ led, path }) => ({
      path,
      expected: phrase`LEDs only where the line of the cradle is usb`,
      found: phrase`${led}, beside the lights of a cradle board`,
      todo: phrase`Remove leds, or write line: { usb: true }`,
    })),
    ...repeated(
      entries.flatMap(({ led, line, path }) => ('usb' in line ? [[`${line.leds}/${led}`, path] as const] : [])),
      phrase`each LED for one bay`,
    ),
  ];
}

function lineOf({ line }: Config['cradles'][number]): string | undefined {
  if ('serial' in line) return posix.normalize(line.serial);
  return 'tcp' in line ? line.tcp.toLowerCase() : undefined;
}

function repeatedUnits({ cradles }: Config): Conflict[] {
  return repeated(
    cradles.flatMap((cradle, i) => {
      const line = lineOf(cradle);
      return line === undefined ? [] : [[`${line} unit ${cradle.unit}`, ['cradles', i, 'unit']] as const];
    }),
    phrase`each unit address once on a line`,
  );
}

function differingBaud({ cradles }: Config): Conflict[] {
  const first = new Map<string, number>();
  return cradles.flatMap(({ line }, i) => {
    if (!('serial' in line)) return [];
    const baud = first.get(posix.normalize(line.serial)) ?? line.baud;
    first.set(posix.normalize(line.serial), baud);
    if (baud === line.baud) return [];
    return [
      {
        path: ['cradles', i, 'line', 'baud'],
        expected: phrase`${baud} baud, as the other unit on ${line.serial}`,
        found: verbatim(`${line.baud}`),
        todo: phrase`Give all units of one line the same speed`,
      },
    ];
  });
}

function badTcpPorts({ cradles }: Config): Conflict[] {
  return cradles.flatMap(({ line }, i) =>
    'tcp' in line
      ? portConflict(line.tcp, Number(line.tcp.slice(line.tcp.lastIndexOf(':') + 1)), ['cradles', i, 'line', 'tcp'])
      : [],
  );
}

function portConflict(shown: string, port: number, path: Path): Conflict[] {
  if (port >= 1 && port <= 65_535) return [];
  return [{ path, expected: phrase`a port from 1 to 65535`, found: verbatim(shown), todo: phrase`Correct the port` }];
}

/** Whether `inner` is `outer` or lies below it. */
function within(inner: string, outer: string): boolean {
  const relative = posix.relative(posix.normalize(outer), posix.normalize(inner));
  return relative === '' || (relative !== '..' && !relative.startsWith('../'));
}

function overlappingFolders({ dock, media, archive }: Config): Conflict[] {
  const apart = (inner: string, path: Path, outer: string, what: Phrase, todo: Phrase): Conflict[] =>
    within(inner, outer)
      ? [{ path, expected: phrase`a folder outside ${what} (${outer})`, found: verbatim(inner), todo }]
      : [];
  const elsewhere = phrase`Choose a folder on the archive disk`;
  return [
    ...apart(archive.path, ['archive', 'path'], media.root, phrase`the cameras' volumes`, elsewhere),
    ...apart(dock.stateDir, ['dock', 'stateDir'], media.root, phrase`the cameras' volumes`, elsewhere),
    ...apart(
      archive.path,
      ['archive', 'path'],
      dock.runDir,
      phrase`the run folder, which a restart empties`,
      elsewhere,
    ),
    ...apart(
      dock.stateDir,
      ['dock', 'stateDir'],
      dock.runDir,
      phrase`the run folder, which a restart empties`,
      elsewhere,
    ),
    ...apart(
      media.root,
      ['media', 'root'],
      archive.path,
      phrase`the archive`,
      phrase`Choose a folder where nothing else is kept`,
    ),
  ];
}

function unreachableClock({ readiness, clock }: Config): Conflict[] {
  if (clock.setWhenOverMs <= readiness.clockErrorMs) return [];
  return [
    {
      path: ['clock', 'setWhenOverMs'],
      expected: phrase`at most readiness.clockErrorMs (${readiness.clockErrorMs} ms)`,
      found: phrase`${clock.setWhenOverMs} ms: a camera between the two would neither be set nor be ready`,
      todo: phrase`Lower clock.setWhenOverMs or raise readiness.clockErrorMs`,
    },
  ];
}

function centralUrl({ central }: Config): Conflict[] {
  if (central === undefined) return [];
  const path = ['central', 'url'];
  const todo = phrase`Write mqtts://host:port`;
  if (!URL.canParse(central.url))
    return [{ path, expected: verbatim('mqtts://host:port'), found: phrase`no valid address`, todo }];
  const url = new URL(central.url);
  if (url.username !== '' || url.password !== '') {
    return [
      {
        path,
        expected: phrase`an address without user and password`,
        found: phrase`a user or password in it (not shown)`,
        todo: phrase`Use central.username and central.passwordFile`,
      },
    ];
  }
  if (url.hostname === '' || !['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') {
    return [{ path, expected: phrase`host and port, nothing after them`, found: verbatim(central.url), todo }];
  }
  return url.port === '' ? [] : portConflict(central.url, Number(url.port), path);
}

function centralCredentials({ central }: Config): Conflict[] {
  if (central === undefined) return [];
  const found: Conflict[] = [];
  const together = (
    there: 'certFile' | 'keyFile' | 'passwordFile',
    missing: 'keyFile' | 'certFile' | 'username',
  ): void => {
    if (central[there] === undefined || central[missing] !== undefined) return;
    const expected = phrase`central.${missing} beside central.${there}`;
    found.push({ path: ['central', there], expected, found: phrase`it alone`, todo: phrase`Add central.${missing}` });
  };
  together('certFile', 'keyFile');
  together('keyFile', 'certFile');
  together('passwordFile', 'username');
  if (central.url.startsWith('mqtts:')) return found;
  for (const option of ['caFile', 'certFile', 'keyFile'] as const) {
    if (central[option] === undefined) continue;
    const expected = phrase`an mqtts:// address for central.${option}`;
    found.push({
      path: ['central', option],
      expected,
      found: phrase`mqtt://, where it has no effect`,
      todo: phrase`Write mqtts://`,
    });
  }
  if (central.passwordFile !== undefined && URL.canParse(central.url) && !isLocal(new URL(central.url).hostname)) {
    found.push({
      path: ['central', 'passwordFile'],
      expected: phrase`an mqtts:// address, or a broker on this machine`,
      found: phrase`mqtt://, which would send the password in clear`,
      todo: phrase`Write mqtts://`,
    });
  }
  return found;
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}
