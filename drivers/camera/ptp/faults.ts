/** What goes wrong on PTP, and whether another try can help: decided here and nowhere further up. Pure. */
import { cameraGone } from '../../contract/camera.js';
import { DockError, messageOf } from '../../contract/error.js';
import { type Phrase, phrase } from '../../contract/phrase.js';
import { hex4, responses } from './codes.js';

/** A container that does not belong where it came. */
export function outOfTurn(expected: Phrase, found: Phrase): DockError {
  return new DockError('DOCK_PTP_OUT_OF_TURN', { expected, found, todo: putInAgain, retry: 'now' });
}

export function tooMuch(mostBytes: number, found: Phrase): DockError {
  return new DockError('DOCK_PTP_TOO_MUCH', {
    expected: phrase`at most ${mostBytes} bytes`,
    found,
    todo: putInAgain,
    retry: 'after-redocking',
  });
}

export function noAnswer(expected: Phrase): DockError {
  return new DockError('DOCK_PTP_NO_ANSWER', { expected, found: phrase`none`, todo: putInAgain, retry: 'now' });
}

/** The device answered, and said no. */
export function refused(what: Phrase, code: number): DockError {
  return new DockError('DOCK_PTP_REFUSED', {
    expected: phrase`the camera to do ${what}`,
    found: phrase`response ${hex4(code)}`,
    todo: putInAgain,
    retry: code === responses.deviceBusy ? 'now' : 'after-redocking',
  });
}

/** Session and object handles are new: whoever holds old ones has to look again. */
export function renewed(): DockError {
  return new DockError('DOCK_PTP_RENEWED', {
    expected: phrase`the session to last`,
    found: phrase`a new one after the camera was reset`,
    todo: putInAgain,
    retry: 'now',
  });
}

/** A transaction was interrupted, twice, though the camera came to itself each time. */
export function interrupted(cause: unknown): DockError {
  return new DockError('DOCK_PTP_INTERRUPTED', {
    expected: phrase`a transaction that comes to its end`,
    found: messageOf(cause),
    todo: putInAgain,
    retry: 'after-redocking',
    cause,
  });
}

export function gone(cause: unknown): DockError {
  return new DockError(cameraGone, {
    expected: phrase`the camera to stay and to answer`,
    found: messageOf(cause),
    todo: phrase`Put the camera in again: copying goes on where it stopped`,
    retry: 'after-redocking',
    cause,
  });
}

export function isGone(error: unknown): boolean {
  return error instanceof DockError && (error.code === cameraGone || error.code === 'DOCK_USB_GONE');
}

/** After these nobody knows what is still in the pipes: the device has to be brought back in step. */
export function losesStep(error: unknown): boolean {
  return error instanceof DockError && (error.code.startsWith('DOCK_USB_') || outOfStep.has(error.code));
}

const outOfStep = new Set(['DOCK_PTP_MALFORMED', 'DOCK_PTP_OUT_OF_TURN', 'DOCK_PTP_TOO_MUCH', 'DOCK_PTP_NO_ANSWER']);

const putInAgain = phrase`Put the camera in again; if it stays so, report its maker, model and firmware`;
