/**
 * The way of a session's recordings to the thread that hashes them: the thread asks through a port of its own for each copy, the
 * thread with the device answers. The memory for the bytes is handed over with the question and back with the answer, nothing is copied.
 *
 * Answerable for: never more questions at once than one copy has, and no question left open when either side lets go of the port.
 */
import type { MessagePort } from 'node:worker_threads';
import type { SessionSource } from '../../drivers/contract/camera.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';
import { type PackedError, packError, unpackError } from './thread-messages.js';

/** A copy reads four blocks ahead; salvage and a look at the identity come on top. */
const mostQuestions = 8;

type Question =
  | { readonly id: number; readonly ask: 'read'; readonly memory: Uint8Array<ArrayBuffer>; readonly at: number }
  | { readonly id: number; readonly ask: 'identity' };

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

type Identity = Awaited<ReturnType<SessionSource['identity']>>;

type Answer = { readonly id: number } & (
  | { readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly identity: Identity }
  | { readonly error: PackedError }
);

/** Answers from `source` until the port closes; what is being read then is given up. */
export function serveSource(source: SessionSource, port: MessagePort): void {
  const closed = new AbortController();
  let open = 0;
  const answer = async (question: Question): Promise<void> => {
    const { id } = question;
    open += 1;
    try {
      if (open > mostQuestions) throw tooManyQuestions();
      if (question.ask === 'identity') {
        post({ id, identity: await source.identity() }, []);
      } else {
        const bytes = await source.read(question.memory, question.at, closed.signal);
        post({ id, bytes }, [bytes.buffer]);
      }
    } catch (error) {
      post({ id, error: packError(error) }, []);
    } finally {
      open -= 1;
    }
  };
  const post = (message: Answer, handedOver: ArrayBuffer[]): void => {
    if (!closed.signal.aborted) port.postMessage(message, handedOver);
  };
  port.on('message', (question: Question) => void answer(question));
  port.on('close', () => closed.abort(new Error('the copy has ended')));
}

/** The other side: a source like the session's own. Reads that are open when the port closes fail. */
export function portSource(port: MessagePort, inOrder: boolean): SessionSource {
  const open = new Map<
    number,
    { readonly done: (answer: Answer) => void; readonly failed: (error: unknown) => void }
  >();
  let lastId = 0;
  let isClosed = false;
  port.on('message', (answer: Answer) => {
    const waiting = open.get(answer.id);
    open.delete(answer.id);
    if (waiting === undefined) return;
    if ('error' in answer) waiting.failed(unpackError(answer.error));
    else waiting.done(answer);
  });
  port.on('close', () => {
    isClosed = true;
    for (const { failed } of open.values()) failed(portClosed());
    open.clear();
  });
  const ask = (question: WithoutId<Question>, signal?: AbortSignal): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true || isClosed) {
        reject(signal?.aborted === true ? signal.reason : portClosed());
        return;
      }
      lastId += 1;
      const id = lastId;
      const onAbort = (): void => failed(signal?.reason);
      const settle = (): void => {
        open.delete(id);
        signal?.removeEventListener('abort', onAbort);
      };
      const failed = (error: unknown): void => {
        settle();
        reject(error);
      };
      const done = (answer: Answer): void => {
        settle();
        resolve(answer);
      };
      open.set(id, { done, failed });
      signal?.addEventListener('abort', onAbort, { once: true });
      port.postMessage({ ...question, id }, question.ask === 'read' ? [question.memory.buffer] : []);
    });
  return {
    kind: 'session',
    inOrder,
    async read(memory, at, signal) {
      const answer = await ask({ ask: 'read', memory, at }, signal);
      if (!('bytes' in answer)) throw new Error('a read was answered with something else');
      return answer.bytes;
    },
    async identity() {
      const answer = await ask({ ask: 'identity' });
      if (!('identity' in answer)) throw new Error('an identity was answered with something else');
      return answer.identity;
    },
  };
}

function portClosed(): Error {
  return new Error('the thread that holds the camera has closed its side');
}

function tooManyQuestions(): DockError {
  return new DockError('DOCK_OFFLOAD_FAILED', {
    expected: phrase`at most ${mostQuestions} reads of one copy at once`,
    found: phrase`more`,
    todo: phrase`Report this with the log; the recording stays on the camera`,
    retry: 'after-redocking',
  });
}
