/**
 * `custodock demo`: the whole dock on simulated hardware, without root. The dock does not know that it is a demo: it loads a configuration
 * file, opens a serial port, watches a media root and connects to a broker. What happens in its bays is told by `story.ts`.
 */
import { mkdir, mkdtemp, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { DockError, messageOf } from '../../drivers/contract/error.js';
import { phrase, verbatim } from '../../drivers/contract/phrase.js';
import type { KnownRecording, Ledger } from '../custody/ledger.js';
import { Dock } from '../dock.js';
import { type Language, say } from '../language/messages.js';
import { machinePorts } from '../ports.js';
import { systemClock } from '../runtime/clock.js';
import { type ExitCode, exitCodes } from '../runtime/exit.js';
import { packageVersion } from '../runtime/package-file.js';
import { openLog } from '../runtime/pino-log.js';
import { ProgressBoard } from '../runtime/progress.js';
import { startDemoBroker } from './broker.js';
import { type DemoCamera, makeCameras, mediaCamera } from './cameras.js';
import { demoConfig } from './config.js';
import { demoBays, openHardware } from './hardware.js';
import type { Show } from './show.js';
import { play, playable } from './story.js';
import { summarise } from './summary.js';
import { hashTree, subscribe } from './witness.js';

export interface DemoOptions {
  /** Ends by itself, with an exit status that says whether all went as it should. */
  readonly once: boolean;
  /** Folders or mounted cards that are put in as cameras, beside or instead of the demo's own. */
  readonly media: readonly string[];
  /** Somebody's own broker; absent: an embedded one. */
  readonly broker: string | undefined;
  readonly language: Language;
  readonly show: Show;
  /** Resolves when somebody wants it to end. */
  readonly stop: Promise<string>;
}

/** The first is that of the README. */
const brokerPorts = [18_830, 18_831, 18_832, 18_833];
/** Longest that the cameras of the demo take on a slow machine; a folder of one's own may be large. */
const storyDeadlineMs = 120_000;
const mediaDeadlineMs = 24 * 3_600_000;

export async function demo(options: DemoOptions): Promise<ExitCode> {
  const { language, show } = options;
  await assertFolders(options.media);
  const folder = await mkdtemp(path.join(tmpdir(), 'custodock-demo-'));
  const places = {
    mediaRoot: path.join(folder, 'media'),
    cards: path.join(folder, 'cards'),
    stateDir: path.join(folder, 'state'),
    runDir: path.join(folder, 'run'),
    archive: path.join(folder, 'archive'),
  };
  for (const place of [places.mediaRoot, places.cards, places.runDir]) await mkdir(place);

  // The owner's own footage alone, where there is some: that is then what he wants to see.
  const own = options.media.map((media, index) => mediaCamera(media, demoBays - index));
  if (own.length === 0) show.line(say(language, 'demo.preparing', { cameras: 5 }));
  const day = new Date(systemClock.wallMs() - 86_400_000).toISOString().slice(0, 10);
  const cameras = own.length > 0 ? own : await makeCameras(places.cards, day);
  const before = await hashCards(cameras);

  const hardware = await openHardware();
  const embedded = options.broker === undefined ? await startDemoBroker(brokerPorts) : undefined;
  const url = embedded?.url ?? options.broker ?? '';
  const configFile = path.join(folder, 'config.yaml');
  await writeFile(configFile, demoConfig(places, hardware.serialPath, url, cameras, language));
  const config = await loaded(configFile);
  const subscriber = await subscribe(url);

  const { hostname: host, port } = new URL(url);
  show.line(say(language, 'demo.folder', { folder }));
  show.line(say(language, 'demo.cradle', { bays: demoBays, serial: hardware.serialPath }));
  show.line(say(language, 'demo.broker', { url, host, port: port === '' ? 1883 : port }));

  const logging = openLog({ level: 'info', language, destination: show.logDestination(folder), clock: systemClock });
  const board = new ProgressBoard(() => systemClock.monotonicMs());
  const dock = new Dock(config, await packageVersion(), await machinePorts(config, logging.log, board, undefined));
  await dock.start();
  const stopShow = show.follow(dock, config.dock.timeZone);

  const ending = new AbortController();
  void options.stop.then(() => ending.abort(new Error('stopped')));
  const stage = {
    cradle: hardware.cradle,
    mediaRoot: places.mediaRoot,
    status: () => dock.status(),
    signal: ending.signal,
    deadlineMs: own.length === 0 ? storyDeadlineMs : mediaDeadlineMs,
  };
  const asIntended = await playable(play(stage, cameras), ending.signal);
  if (!options.once && !ending.signal.aborted) {
    show.line(say(language, 'demo.running'));
    show.line(`  npx custodock status --watch --config ${configFile}`);
    await options.stop;
  }
  await told(dock, ending.signal);
  const last = dock.status();
  const custody = { recordings: await allRecordings(dock.ledger), check: await dock.checkLedger() };
  stopShow();
  await dock.stop();
  await subscriber.close();
  await embedded?.close();
  await hardware.close();

  const fine = summarise({
    language,
    show,
    config,
    configFile,
    cameras,
    status: last,
    ...custody,
    sequences: subscriber.sequences,
    before,
    after: await hashCards(cameras),
    archived: await hashTree(places.archive),
    inTime: asIntended,
  });
  return fine ? exitCodes.stopped : exitCodes.failed;
}

async function assertFolders(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const found = await stat(folder).then(
      (status) => (status.isDirectory() ? undefined : phrase`${folder}: no folder`),
      (error: unknown) => verbatim(`${folder}: ${messageOf(error)}`),
    );
    if (found === undefined) continue;
    throw new DockError('DOCK_DEMO_MEDIA', {
      expected: phrase`a folder or mounted card after --media`,
      found,
      todo: phrase`Name a folder that exists and can be read`,
      retry: 'never',
    });
  }
}

async function loaded(file: string): Promise<Config> {
  const found = await loadConfig(file);
  if (found.ok) return found.config;
  throw found.problems[0]?.error ?? new Error(`${file} cannot be loaded`);
}

async function hashCards(cameras: readonly DemoCamera[]): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const hashes = new Map<string, ReadonlyMap<string, string>>();
  for (const { id, camera } of cameras) hashes.set(id, await hashTree(camera.cardFolder));
  return hashes;
}

async function allRecordings(ledger: Ledger): Promise<readonly KnownRecording[]> {
  const all: KnownRecording[] = [];
  for (let afterSeq = 0; ; ) {
    const page = await ledger.recordings({ afterSeq, limit: 1000 });
    all.push(...page);
    const last = page.at(-1);
    if (last === undefined) return all;
    afterSeq = last.seq;
  }
}

/** Waits until the centre has been told everything, but not for ever. */
async function told(dock: Dock, signal: AbortSignal): Promise<void> {
  const byMs = systemClock.monotonicMs() + 10_000;
  while (dock.status().centre.waiting > 0 && systemClock.monotonicMs() < byMs && !signal.aborted) {
    await new Promise<void>((resolve) => systemClock.timer('demo.told', 50, resolve));
  }
}
