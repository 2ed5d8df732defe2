/** Asks the media helper to erase a recording; and what it last said of its ports. The daemon's side of `helper/`. */

import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { CameraRecording, EraseProof, Volume } from '../contract/camera.js';
import { type Clock, within } from '../contract/clock.js';
import { DockError, errnoOf, messageOf } from '../contract/error.js';
import { type Phrase, phrase } from '../contract/phrase.js';
import { printable } from '../contract/text.js';
import type { PortReport } from './helper/plan.js';
import { longestRequestBytes, readAnswer, requestLine } from './helper/request.js';

/** A recording of 64 GB is hashed at 20 MB/s in less; ms. */
const answerWithinMs = 3_600_000;

/** Name of the file in the media root in which the helper says what each port has. No volume: it begins with a dot. */
export const reportsFile = '.ports.json';

/** `socket`: where custodock-media.socket listens. */
export function clearByHelper(
  socket: string,
  clock: Clock,
): (volume: Volume, recording: CameraRecording, proof: EraseProof) => Promise<void> {
  return async (volume, { path, sizeBytes, modifiedMs }, { sha256, sequence, leaf }) => {
    const device = /^mount:(\d+:\d+):/.exec(volume.mountId)?.[1] ?? '';
    const request = {
      port: volume.name,
      device,
      path: Buffer.from(path),
      sizeBytes,
      modifiedMs,
      sha256,
      sequence,
      leaf,
    };
    const asked = ask(socket, requestLine(request));
    const answer = within(clock, 'helper.clear', answerWithinMs, asked.answer, () => gone(socket, phrase`no answer`));
    readAnswer(await answer.finally(asked.end));
  };
}

function ask(path: string, line: string): { readonly answer: Promise<string>; end(): void } {
  const socket = connect(path);
  const answer = new Promise<string>((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(line));
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > longestRequestBytes) reject(gone(path, phrase`an answer without end`));
    });
    socket.on('error', (error) => reject(gone(path, printable(messageOf(error)), error)));
    socket.on('close', () => {
      if (text.endsWith('\n')) resolve(text);
      else reject(gone(path, phrase`no answer`));
    });
  });
  return { answer, end: () => socket.destroy() };
}

function gone(path: string, found: Phrase, cause?: unknown): DockError {
  return new DockError('DOCK_MEDIA_HELPER_GONE', {
    expected: phrase`custodock-media.service to answer at ${path}`,
    found,
    todo: phrase`Start it: systemctl start custodock-media; why it stopped: journalctl -u custodock-media`,
    retry: 'now',
    cause,
  });
}

/** What the helper last said of its ports; undefined: there is no helper, or it has not looked yet. */
export async function helperReports(root: string): Promise<readonly PortReport[] | undefined> {
  try {
    const parsed: unknown = JSON.parse(await readFile(join(root, reportsFile), 'utf8'));
    return Array.isArray(parsed) ? (parsed as readonly PortReport[]) : undefined;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
