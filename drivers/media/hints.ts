/**
 * Hints that something changed in a directory: the only file that imports chokidar.
 *
 * Answerable for nothing: a hint may be late, doubled, wrong or missing (chokidar falls silent after a remount and when the
 * directory goes). Whoever listens looks for himself, and looks at times without any hint.
 */
import { watch } from 'chokidar';
import { messageOf } from '../contract/error.js';
import type { Phrase } from '../contract/phrase.js';

export interface Hints {
  close(): Promise<void>;
}

export interface HintListener {
  /** Something may have changed. */
  hint(): void;
  /** No more hints will come. */
  ended(because: Phrase): void;
}

export type WatchHints = (directory: string, listener: HintListener) => Hints;

export const chokidarHints: WatchHints = (directory, listener) => {
  const watcher = watch(directory, {
    // The entries are volumes: watching them would touch every card, and a card that hangs would hang the watcher.
    ignored: (path) => path !== directory,
    ignoreInitial: true,
    followSymlinks: false,
    depth: 0,
  });
  // Whatever happened before the watching really began was missed.
  watcher.on('ready', () => listener.hint());
  // Raw, because the entries are ignored: their names do not matter to somebody who looks for himself.
  watcher.on('raw', () => listener.hint());
  watcher.on('error', (error) => listener.ended(messageOf(error)));
  return { close: () => watcher.close() };
};
