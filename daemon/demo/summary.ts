/** The closing summary of the demo: what became of each camera, and whether those who do not believe the dock agree with it. */
import { basename } from 'node:path';
import type { Config } from '../../config/schema.js';
import { bayName } from '../../config/schema.js';
import type { BayStatus } from '../bay/status.js';
import { reasonText } from '../console/bay-table.js';
import type { LedgerCheck } from '../custody/check.js';
import type { KnownRecording } from '../custody/ledger.js';
import { describeCode } from '../language/errors.js';
import { offset, size } from '../language/figures.js';
import { type Language, say } from '../language/messages.js';
import type { DockStatus } from '../status.js';
import type { DemoCamera } from './cameras.js';
import type { Show } from './show.js';
import { demoCradle } from './story.js';
import { inOrder } from './witness.js';

type Hashes = ReadonlyMap<string, string>;

export interface Findings {
  readonly language: Language;
  readonly show: Show;
  readonly config: Config;
  readonly configFile: string;
  readonly cameras: readonly DemoCamera[];
  /** As it was when everything had come to its end. */
  readonly status: DockStatus;
  readonly recordings: readonly KnownRecording[];
  readonly check: LedgerCheck;
  readonly sequences: readonly number[];
  /** The cards by camera, hashed apart from the dock, before and after. */
  readonly before: ReadonlyMap<string, Hashes>;
  readonly after: ReadonlyMap<string, Hashes>;
  readonly archived: Hashes;
  readonly inTime: boolean;
}

/** Prints it; true when nothing is amiss. */
export function summarise(findings: Findings): boolean {
  const { language, show, status, config, check } = findings;
  const proofs = prove(findings);
  show.line('');
  show.line(say(language, 'demo.summary'));
  for (const camera of findings.cameras) describeCamera(findings, camera);
  show.line('');
  show.line(say(language, 'demo.proof'));
  const mark = (fine: boolean): string => (fine ? '✔' : '✘');
  show.line(`  ${say(language, 'demo.proof.copies', { mark: mark(proofs.copies), ...proofs.counts })}`);
  show.line(`  ${say(language, 'demo.proof.cards', { mark: mark(proofs.cards) })}`);
  show.line(`  ${say(language, 'demo.proof.events', { mark: mark(proofs.events), events: status.ledger.seq })}`);
  show.line(
    `  ${say(language, 'demo.proof.ledger', {
      mark: mark(check.problem === null),
      entries: check.entries,
      leaf: status.ledger.leaf.slice(0, 16),
    })}`,
  );
  show.line('');
  show.line(say(language, 'demo.where', { archive: config.archive.path }));
  show.line(say(language, 'demo.look'));
  show.line(`  npx custodock ledger check --config ${findings.configFile}`);
  show.line(`  (cd ${config.archive.path} && find . -name '*.sha256' -execdir sha256sum --quiet -c {} +)`);
  show.line('');
  if (!findings.inTime) show.line(say(language, 'demo.late'));
  const fine = findings.inTime && proofs.copies && proofs.cards && proofs.events && check.problem === null;
  show.line(say(language, fine ? 'demo.passed' : 'demo.failed'));
  return fine;
}

function describeCamera({ language, show, status, recordings }: Findings, camera: DemoCamera): void {
  const bay = bayOf(status, camera);
  const own = recordings.filter(({ body }) => body.camera === camera.id);
  const why = bay?.error === null || bay?.error === undefined ? '' : describeCode(language, bay.error.code);
  if (bay?.state === 'ready') {
    show.line(
      `  ${say(language, 'demo.camera.ready', {
        camera: camera.id,
        bay: bay.bay,
        recordings: own.length,
        size: size(own.reduce((sum, { body }) => sum + body.sizeBytes, 0)),
        before: offset(camera.camera.pins.clockOffsetMs ?? 0, language),
        after: bay.clockOffsetMs === null ? '?' : offset(bay.clockOffsetMs, language),
      })}`,
    );
  } else if (bay?.state === 'refused') {
    show.line(`  ${say(language, 'demo.camera.refused', { camera: camera.id, bay: bay.bay, why })}`);
  } else {
    const reasons = bay?.reasons.map((reason) => reasonText(reason, language)) ?? [];
    show.line(
      `  ${say(language, 'demo.camera.other', {
        camera: camera.id,
        bay: bay?.bay ?? '?',
        state: bay === undefined ? '?' : say(language, `status.state.${bay.state}`),
        why: [...reasons, why].filter((text) => text !== '').join(language === 'en' ? ', ' : '；'),
      })}`,
    );
  }
  for (const { body } of own) {
    const shown = basename(body.path);
    if (body.label !== 'complete') {
      const label = say(language, `console.mark.${body.label}`);
      show.line(say(language, 'demo.kept-damaged', { label, path: shown }));
    }
    if (body.resumedBytes > 0) {
      show.line(say(language, 'demo.resumed', { size: size(body.resumedBytes), path: shown }));
    }
  }
}

function bayOf({ bays }: DockStatus, { id, slot }: DemoCamera): BayStatus | undefined {
  return bays.find(({ camera }) => camera === id) ?? bays.find(({ bay }) => bay === bayName(demoCradle, slot));
}

function prove({ cameras, recordings, before, after, archived, status, sequences }: Findings) {
  let files = 0;
  let equal = 0;
  let cards = true;
  for (const { id, outcome } of cameras) {
    const was = before.get(id) ?? new Map<string, string>();
    const is = after.get(id) ?? new Map<string, string>();
    cards &&= was.size === is.size && [...was].every(([name, sha256]) => is.get(name) === sha256);
    if (outcome !== 'ready') continue;
    files += was.size;
    const copies = new Map(
      recordings.filter(({ body }) => body.camera === id).map(({ body }) => [body.path, body] as const),
    );
    for (const [name, sha256] of was) {
      const copy = copies.get(name);
      if (copy !== undefined && copy.sha256 === sha256 && archived.get(copy.archivePath) === sha256) equal += 1;
    }
  }
  const events = inOrder(sequences, 1, status.ledger.seq);
  return { copies: files === equal, cards, events, counts: { files, equal } };
}
