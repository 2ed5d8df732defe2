/**
 * What the simulation is worth: bugs planted into a copy of the built daemon, each of which it has to find, by the right
 * invariant, within a bounded number of seeds. A planted bug that survives is a hole in the simulation.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InvariantName } from './invariants/violation.js';
import { runSeeds } from './seeds.js';

interface Replacement {
  /** Below dist/. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly from: string;
  readonly to: string;
}

interface Mutation {
  readonly what: string;
  /** One of these has to be what is found first. */
  readonly breaks: readonly InvariantName[];
  readonly replacements: readonly Replacement[];
}

function mutation(breaks: readonly InvariantName[], what: string, ...replacements: readonly Replacement[]): Mutation {
  return { what, breaks, replacements };
}

function replace(file: string, from: string, to: string): Replacement {
  return { file, from, to };
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: the text of programs
const mutations: readonly Mutation[] = [
  mutation(
    ['I1'],
    'the time is written to the card when it is let go',
    replace(
      'drivers/camera/mass-storage/driver.js',
      'close: () => Promise.resolve()',
      "close: () => import('node:fs/promises').then((fs) => fs.writeFile(`${volume.path}/time.txt`, 'now').catch(() => undefined))",
    ),
  ),
  mutation(
    ['I2'],
    'what was read back is not compared',
    replace('daemon/offload/copy.js', 'stored.sha256 !== filled.sha256', 'false'),
  ),
  mutation(
    ['I2'],
    'read back from a cache, said to be from the medium',
    replace('daemon/offload/prove.js', 'readBack: readPath, adopted: false', "readBack: 'direct', adopted: false"),
  ),
  mutation(
    ['I2'],
    'unreadable ranges are left out of the entry',
    replace('daemon/offload/salvage.js', 'this.#note({ from: at + from, to: at + to });', ''),
  ),
  mutation(
    ['I2'],
    'a recording that is written meanwhile is taken as it comes',
    replace(
      'daemon/offload/confirmed.js',
      'if (after.sizeBytes === before.sizeBytes && after.modifiedNs === before.modifiedNs)',
      'if (after !== before)',
    ),
    replace('daemon/offload/fill.js', 'found.isFile && found.sizeBytes === job.sizeBytes && sameTime', 'found.isFile'),
  ),
  mutation(
    ['I3'],
    'recordings that are not whole are erased',
    replace('daemon/offload/clear.js', "body.label !== 'complete' && body.label !== 'zero-length'", 'false'),
  ),
  mutation(
    ['I3'],
    'important recordings are erased',
    replace('daemon/offload/clear.js', 'recording.important || body.important', 'false'),
    replace('drivers/camera/erasing.js', 'recording.important || recordingAt(recording.path, 0, 0).important', 'false'),
  ),
  mutation(
    ['I3'],
    'erased against the policy',
    replace('daemon/offload/clear.js', "policy === 'never' || erase === undefined", 'erase === undefined'),
    replace('daemon/offload/clear.js', "if (policy === 'never')", 'if (false)'),
  ),
  mutation(
    ['I4'],
    'the verdict is not entered before the light says it',
    replace(
      'daemon/bay/verdict.js',
      "await ledger.append({ kind: 'camera.ready'",
      "if (this.#judgedAs === undefined) await ledger.append({ kind: 'camera.ready'",
    ),
  ),
  mutation(
    ['I4'],
    'an event is not the entry',
    replace(
      'daemon/central/event.js',
      'stored.bytes, Buffer',
      'Buffer.from(JSON.stringify({ ...entry, v: 2 })), Buffer',
    ),
  ),
  mutation(
    ['I4'],
    'a register is not kept up to date',
    replace(
      'daemon/custody/group-commit.js',
      '...project(entry)',
      "...(entry.entry.kind === 'camera.ready' ? [] : project(entry))",
    ),
  ),
  mutation(
    ['I4'],
    'what the broker has taken counts as received by the centre',
    replace('daemon/central/delivery.js', "if (this.#receipt === 'broker')", 'if (true)'),
  ),
  mutation(
    ['I4'],
    'what the centre does not acknowledge is not sent again',
    replace(
      'daemon/central/publisher.js',
      'this.#report(silent(delivery.told + 1, waitMs));\n            this.#restart();',
      '',
    ),
  ),
  mutation(
    ['I4', 'I5'],
    'an acknowledgement of the centre counts for one event more',
    replace('daemon/central/delivery.js', 'this.#told = seq;', 'this.#told = seq + 1;'),
  ),
  mutation(
    ['I5'],
    'the chain is not closed',
    replace('daemon/custody/stored-entry.js', 'prev: head.leaf,', "prev: seq === 9 ? '0'.repeat(64) : head.leaf,"),
  ),
  mutation(
    ['I5'],
    'an event is left out',
    replace('daemon/central/delivery.js', 'this.#next += 1;', 'this.#next += this.#next === 20 ? 2 : 1;'),
  ),
  mutation(
    ['I5', 'I4'],
    'what a broker forgot is not told again',
    replace('daemon/central/delivery.js', 'this.#told + 1 - rewind', 'this.#told + 1'),
  ),
  mutation(
    ['I6'],
    'cameras are set by a clock that is not trusted',
    replace('daemon/clock/measure.js', 'if (!dockTrusted)', 'if (false)'),
  ),
  mutation(
    ['I6'],
    'every entry says that the time was trusted',
    replace('daemon/clock/dock-time.js', 'trusted,\n', 'trusted: true,\n'),
  ),
  mutation(
    ['I6'],
    'a step of the clock is not noticed before the next look',
    replace('daemon/clock/dock-time.js', '!this.#trust.trusted || Math.abs(stepMs) <= steppedMs', 'true'),
  ),
  mutation(
    ['I6'],
    'a stamp from before a step vouches for the time after it',
    replace('daemon/clock/trust.js', 'steppedToMs !== null && synchronisedMs < steppedToMs - stampSlackMs', 'false'),
  ),
  mutation(
    ['I6'],
    'a daemon that starts again knows of no step',
    replace('daemon/clock/dock-time.js', 'before === undefined ? null : this.#steppedSince(before)', 'null'),
  ),
  mutation(
    ['I7', 'I8', 'I12'],
    'what one cradle says is taken for the other as well',
    replace('daemon/bay/bays.js', 'place.cradle !== reading.cradle', 'false'),
  ),
  mutation(
    ['I7', 'I12'],
    'volumes are joined to bays in the order in which they come',
    replace(
      'daemon/bay/bays.js',
      'volumeAt(place.port, this.#volumes, look)',
      'this.#volumes[this.#places.indexOf(place)]',
    ),
  ),
  mutation(
    ['I4', 'I7', 'I8', 'I12'],
    'an exchange between two looks is not seen',
    replace('daemon/bay/lifecycle.js', 'presence.arrival !== before.arrival', 'false'),
    replace('daemon/bay/admission.js', 'docked !== null && docked !== identity.id', 'false'),
    replace('daemon/bay/docking.js', 'this.camera = identity.id;', 'this.camera ??= identity.id;'),
  ),
  mutation(
    ['I8'],
    'a card that hangs holds up the other bays',
    replace(
      'daemon/offload/queue.js',
      'if (moving + Math.max(0, standing - copiesAtOnce) < copiesAtOnce)',
      'if (moving + standing < 1)',
    ),
    replace('daemon/offload/local-copier.js', 'stallMs: 45_000', 'stallMs: 45_000_000'),
  ),
  mutation(
    ['I8'],
    'what had to wait for a priority bay does not go on',
    replace('daemon/offload/queue.js', 'copy?.resume();', ';'),
  ),
  mutation(
    ['I8'],
    'a failure of the ledger does not end the dock',
    replace('daemon/custody/group-commit.js', 'this.#listener.failed(this.#failure);', ''),
  ),
  mutation(
    ['I8'],
    'what failed is not tried again',
    replace('daemon/bay/lifecycle.js', "error.retry === 'now' ? [retryLater(attempt, failures)] : []", '[]'),
  ),
  mutation(
    ['I8'],
    'what is known is copied again',
    replace('daemon/offload/plan.js', 'entered.get(recordingKey(recording))', 'undefined'),
  ),
  mutation(
    ['I8'],
    'the pins of a camera are not asked anew over a new connection',
    replace('daemon/bay/bay.js', '`${connection}/${reading.arrivals}`', '`${reading.arrivals}`'),
    replace('daemon/bay/lifecycle.js', "error.retry === 'now' ? [retryLater(attempt, failures)] : []", '[]'),
  ),
  mutation(
    ['I9', 'I12'],
    'the archive is cleared together with the card',
    replace(
      'daemon/offload/clear.js',
      'erased += 1;',
      "erased += 1; await import('node:fs/promises').then((fs) => fs.unlink(`${archive.path}/${known.get(recordingKey(recording)).body.archivePath}`));",
    ),
  ),
  mutation(
    ['I9'],
    'an archived file is written to again',
    replace(
      'daemon/archive/archive.js',
      'async holds(archivePath, sizeBytes) {',
      "async holds(archivePath, sizeBytes) { await import('node:fs/promises').then((fs) => fs.utimes(join(this.path, archivePath), 0, 0).catch(() => undefined));",
    ),
  ),
  mutation(
    ['I10'],
    'half copies lie outside the archive',
    replace('daemon/archive/names.js', "partsFolder = '.parts'", "partsFolder = '../state/parts'"),
  ),
  mutation(
    ['I11'],
    'what cameras say is shown as it is',
    replace('drivers/contract/text.js', 'const escaped = text.replace(', 'const escaped = text; text.replace('),
  ),
  mutation(
    ['I11'],
    'names come into the archive as they are',
    replace(
      'daemon/archive/names.js',
      ".replace(/[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Co}\\p{Cn}/\\\\:*?\"<>|]/gu, '_')",
      '',
    ),
  ),
  mutation(
    ['I12'],
    'green while it is still charging',
    replace('daemon/bay/lights.js', "charging: 'amber-breathing'", "charging: 'green-steady'"),
  ),
  mutation(
    ['I12'],
    'green although recordings are left on the camera',
    replace('daemon/bay/readiness.js', 'facts.unsafeRecordings > 0', 'false'),
  ),
  mutation(
    ['I12'],
    'green whatever its clock shows',
    replace('daemon/bay/readiness.js', 'facts.clock === undefined', 'false'),
    replace(
      'daemon/bay/readiness.js',
      'Math.abs(facts.clock.offsetMs) + facts.clock.uncertaintyMs > wanted.clockErrorMs',
      'false',
    ),
  ),
  mutation(
    ['I12'],
    'the clock of a camera that stays is not looked at again',
    replace('daemon/bay/docked-clock.js', 'sinceMs > clockAgainMs || ', ''),
  ),
  mutation(
    ['I12'],
    'the cradle goes on showing green when the daemon is gone',
    replace('drivers/simulated/cradle.js', 'fallbackMs = 5_000', 'fallbackMs = 600_000'),
  ),
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the text of programs

/** Seeds that each planted bug gets. */
const mostSeeds = 120;

/** Planted bugs that have lost their place in the compiled code under `dist`: each would be a check that checks nothing. */
export function misplaced(dist: string): readonly string[] {
  return mutations.flatMap(({ what, replacements }) =>
    replacements.flatMap(({ file, from }) => {
      const times = readFileSync(join(dist, file), 'utf8').split(from).length - 1;
      return times === 1 ? [] : [`${what}: in ${file}, ${JSON.stringify(from)} stands ${times} times`];
    }),
  );
}

/** `only`: those whose description or invariants contain it. Exit status. */
export async function tryMutations(only: string | undefined): Promise<number> {
  const dist = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const lost = misplaced(dist);
  if (lost.length > 0) {
    console.log(lost.join('\n'));
    return 1;
  }
  let failed = 0;
  for (const one of mutations) {
    if (only !== undefined && !one.what.includes(only) && !one.breaks.some((name) => name === only)) continue;
    const outcome = await tryOne(dist, one);
    if (!outcome.found) failed += 1;
    console.log(
      `${outcome.found ? 'found   ' : 'NOT FOUND'} ${one.breaks.join('/').padEnd(7)} ${one.what}: ${outcome.how}`,
    );
  }
  console.log(failed === 0 ? 'every planted bug was found' : `${failed} were not found as they should be`);
  return failed === 0 ? 0 : 1;
}

async function tryOne(dist: string, { replacements, breaks }: Mutation): Promise<{ found: boolean; how: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'custodock-mutation-'));
  try {
    const copy = join(folder, 'dist');
    for (const part of ['config', 'daemon', 'drivers', 'test/simulation', 'test/support']) {
      cpSync(join(dist, part), join(copy, part), { recursive: true });
    }
    cpSync(join(dist, '..', 'package.json'), join(folder, 'package.json'));
    symlinkSync(join(dist, '..', 'node_modules'), join(folder, 'node_modules'));
    for (const { file, from, to } of replacements) {
      const path = join(copy, file);
      const text = readFileSync(path, 'utf8');
      writeFileSync(
        path,
        text.replace(from, () => to),
      );
    }
    const reports = await runSeeds({ from: 1, count: mostSeeds, dist: copy, ended: ({ broken }) => broken !== null });
    const first = reports.find(({ broken }) => broken !== null);
    if (first === undefined) return { found: false, how: `survived ${reports.length} seeds` };
    const what = first.what.split('\n')[0] ?? '';
    return { found: breaks.some((name) => name === first.broken), how: `seed ${first.seed}, ${what.slice(0, 150)}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
