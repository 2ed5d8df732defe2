/**
 * Hints that something changed on the USB. sysfs tells nobody of changes; the device nodes under /dev/bus/usb come and go with the devices,
 * on a file system that does.
 *
 * Answerable for nothing: a hint may be late, doubled or missing. Whoever listens looks for himself, and looks at times without any hint.
 */
import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface UsbHints {
  /** Listens to folders that have come since; harmless at any time. */
  refresh(): Promise<void>;
  close(): void;
}

export type WatchUsbHints = (hint: () => void) => UsbHints;

/** `root`: one folder for each bus is in it, and in that one node for each device. */
export function deviceNodeHints(root = '/dev/bus/usb'): WatchUsbHints {
  return (hint) => {
    const watchers = new Map<string, FSWatcher>();
    let closed = false;
    const drop = (folder: string): void => {
      watchers.get(folder)?.close();
      watchers.delete(folder);
    };
    const listen = (folder: string): void => {
      if (closed || watchers.has(folder)) return;
      try {
        const watcher = watch(folder, { persistent: false }, () => hint());
        watcher.on('error', () => drop(folder));
        watchers.set(folder, watcher);
      } catch {
        // No such folder, or no watch left to be had: the timer alone does the looking.
      }
    };
    return {
      refresh: async () => {
        listen(root);
        const buses = await readdir(root).catch((): string[] => []);
        const folders = new Set([root, ...buses.map((bus) => join(root, bus))]);
        for (const folder of watchers.keys()) if (!folders.has(folder)) drop(folder);
        for (const folder of folders) listen(folder);
      },
      close: () => {
        closed = true;
        for (const folder of [...watchers.keys()]) drop(folder);
      },
    };
  };
}
