/** What the notes beside a part say of it when nobody is copying its recording: whose it is, and how much of it can be proved. Pure. */
import { z } from 'zod';
import type { CameraRecording } from '../../drivers/contract/camera.js';
import { printable } from '../../drivers/contract/text.js';
import { type Checkpoint, checkpointsIn, partKey } from './checkpoints.js';

export interface LeftNotes {
  readonly camera: string;
  readonly recording: CameraRecording;
  readonly checkpoints: readonly Checkpoint[];
}

const owner = z.object({
  camera: z.string(),
  path: z.base64(),
  displayPath: z.string(),
  sizeBytes: z.int().min(0),
  modifiedMs: z.int(),
  kind: z.enum(['video', 'audio', 'image', 'other']),
  important: z.boolean(),
  named: z
    .object({ device: z.string(), user: z.string(), startedLocal: z.string(), encrypted: z.boolean() })
    .optional(),
});

/** Undefined where they do not say it, or say it of another part than `key`: then nobody knows what the part is. */
export function parseLeftNotes(text: string | undefined, key: string): LeftNotes | undefined {
  const [head, ...lines] = (text ?? '').split('\n');
  // What follows the last newline was not written whole.
  lines.pop();
  if (head === undefined || !head.startsWith(`custodock-part 1 ${key} `)) return undefined;
  const line = lines.find((one) => one.startsWith('of '));
  if (line === undefined) return undefined;
  const parsed = owner.safeParse(parseJson(Buffer.from(line.slice(3), 'base64').toString('utf8')));
  if (!parsed.success) return undefined;
  const { camera, path: encoded, displayPath, named, ...rest } = parsed.data;
  const path = Buffer.from(encoded, 'base64');
  if (partKey({ camera, path, sizeBytes: rest.sizeBytes, modifiedMs: rest.modifiedMs }) !== key) return undefined;
  const recording = { ...rest, path, displayPath: printable(displayPath), ...(named === undefined ? {} : { named }) };
  return { camera, recording, checkpoints: checkpointsIn(lines) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Torn, or not ours: the schema refuses it.
    return undefined;
  }
}
