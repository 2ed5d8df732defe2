/**
 * Secrets: where they may be, and where not. They come from a file that nobody else can read or from a systemd
 * credential; never from the YAML, which ends up in backups, tickets and screenshots.
 */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DockError, errnoOf, messageOf } from '../drivers/contract/error.js';
import { type Phrase, phrase } from '../drivers/contract/phrase.js';
import type { Path } from './document.js';
import type { ProblemDetails } from './problem.js';

/** PEM chains are a few KiB; a device node or a disk image is no secret. */
const LARGEST_BYTES = 64 * 1024;

const credentialPrefix = 'credential:';

/**
 * The bytes of a secret. `reference`: an absolute path, or `credential:NAME`, looked up in `credentialsDirectory`
 * ($CREDENTIALS_DIRECTORY of the unit). Fails with DOCK_SECRET_UNREADABLE, or DOCK_SECRET_EXPOSED when others may read it.
 */
export async function readSecret(reference: string, credentialsDirectory: string | undefined): Promise<Buffer> {
  const isCredential = reference.startsWith(credentialPrefix);
  if (isCredential && credentialsDirectory === undefined) {
    throw unreadable(reference, phrase`no credentials: the unit has no LoadCredential=`);
  }
  const path = isCredential ? join(credentialsDirectory ?? '', reference.slice(credentialPrefix.length)) : reference;
  try {
    const handle = await open(path, 'r');
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw unreadable(reference, phrase`no regular file`);
      if (stat.size > LARGEST_BYTES) throw unreadable(reference, phrase`${stat.size} bytes`);
      // systemd keeps credentials where only the service sees them, with whatever mode they have there.
      if (!isCredential && (stat.mode & 0o027) !== 0) throw exposed(reference, stat.mode);
      const bytes = Buffer.alloc(stat.size);
      const { bytesRead } = await handle.read(bytes, 0, stat.size, 0);
      if (bytesRead === 0) throw unreadable(reference, phrase`an empty file`);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof DockError ? error : unreadable(reference, errnoOf(error) ?? messageOf(error), error);
  }
}

/** A password: the first line of the secret. An editor's line end is no part of it. */
export async function readPassword(reference: string, credentialsDirectory: string | undefined): Promise<string> {
  const text = (await readSecret(reference, credentialsDirectory)).toString('utf8');
  return text.split(/\r?\n/, 1)[0] ?? '';
}

/** Places in a configuration that hold a secret themselves. Pure. */
export function inlineSecrets(value: unknown): { readonly path: Path; readonly details: ProblemDetails }[] {
  const found: { path: Path; details: ProblemDetails }[] = [];
  const look = (at: unknown, path: Path): void => {
    if (typeof at === 'object' && at !== null) {
      for (const [name, inner] of Object.entries(at)) look(inner, [...path, Array.isArray(at) ? Number(name) : name]);
      return;
    }
    const name = path.at(-1);
    const holds = typeof name === 'string' && secretNames.test(name) && at !== null && at !== '';
    const looks = typeof at === 'string' && /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(at);
    const inPlaceOfFile =
      typeof name === 'string' && fileNames.test(name) && typeof at === 'string' && !/^(\/|credential:)/.test(at);
    if (!holds && !looks && !inPlaceOfFile) return;
    found.push({
      path,
      details: {
        code: 'DOCK_CONFIG_SECRET',
        expected: phrase`the path of a file with the secret, or credential:NAME`,
        found: phrase`what looks like the secret itself (not shown)`,
        todo: phrase`Put it into a file that only root and the service can read, name that file here, and change the secret`,
      },
    });
  };
  look(value, []);
  return found;
}

const secretNames = /^(password|passwd|pwd|passphrase|secret|token|apikey|api_key|privatekey|private_key|key|pin)$/i;
const fileNames = /^(passwordFile|keyFile)$/;

function unreadable(reference: string, found: Phrase, cause?: unknown): DockError {
  return new DockError('DOCK_SECRET_UNREADABLE', {
    expected: phrase`a secret of at most ${LARGEST_BYTES} bytes in ${reference}`,
    found,
    todo: phrase`Check the path, and that the service may read it`,
    retry: 'never',
    cause,
  });
}

function exposed(reference: string, mode: number): DockError {
  return new DockError('DOCK_SECRET_EXPOSED', {
    expected: phrase`${reference} with mode 0640 or less: no access for others, no writing by the group`,
    found: phrase`mode 0${(mode & 0o7777).toString(8)}`,
    todo: phrase`Run chmod 0640 on it and chgrp custodock; if others could read it, change the secret`,
    retry: 'never',
  });
}
