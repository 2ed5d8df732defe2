/** The ledger's words for a recording. Pure. */
import type { CameraRecording } from '../../drivers/contract/camera.js';
import { correctedInterval } from '../clock/correction.js';
import type { EntryBody } from '../custody/entry.js';
import type { CopyResult } from './copier.js';
import type { OffloadRequest } from './offload.js';

type Offloaded = EntryBody<'recording.offloaded'>;

export function recordingRef(
  recording: CameraRecording,
): Pick<Offloaded, 'path' | 'pathBytes' | 'sizeBytes' | 'modifiedMs'> {
  return {
    path: recording.displayPath,
    pathBytes: Buffer.from(recording.path).toString('base64'),
    sizeBytes: recording.sizeBytes,
    modifiedMs: recording.modifiedMs,
  };
}

/** Of a part: its recording is gone, and with it what the camera's clock would say of its times. */
export function partBody(
  { bay, docking, camera }: OffloadRequest,
  recording: CameraRecording,
  { adopted: _, ...copy }: CopyResult,
): Offloaded {
  return {
    ...recordingRef(recording),
    bay,
    docking,
    camera,
    recordingKind: recording.kind,
    important: recording.important,
    named: recording.named ?? null,
    corrected: null,
    ...copy,
    missing: [...copy.missing],
    madeOf: 'part',
  };
}

export function offloadedBody(
  request: OffloadRequest,
  recording: CameraRecording,
  result: CopyResult,
  timeZone: string,
): Offloaded {
  const { bay, docking, camera, session, correction } = request;
  const { named, modifiedMs } = recording;
  const times = { startedLocal: named?.startedLocal, modifiedMs, fileTimes: session.fileTimes };
  const { adopted: _, ...copy } = result;
  return {
    ...recordingRef(recording),
    bay,
    docking,
    camera,
    recordingKind: recording.kind,
    important: recording.important,
    named: named ?? null,
    corrected: correctedInterval(times, correction, timeZone),
    ...copy,
    missing: [...copy.missing],
  };
}
