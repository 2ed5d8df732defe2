import { describe, expect, it } from 'vitest';
import { volumeFault } from '../../drivers/camera/mass-storage/faults.js';
import { DockError } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';

const system = (code: string): Error => Object.assign(new Error(`${code}: no luck, open '/media/a\nb'`), { code });

describe('what a system error on a volume means', () => {
  it.each([
    ['EIO', 'DOCK_VOLUME_UNREADABLE', 'now'],
    ['EMFILE', 'DOCK_VOLUME_UNREADABLE', 'now'],
    ['ENODEV', 'DOCK_VOLUME_GONE', 'after-redocking'],
    ['ENXIO', 'DOCK_VOLUME_GONE', 'after-redocking'],
    ['ENOMEDIUM', 'DOCK_VOLUME_GONE', 'after-redocking'],
    ['ENOENT', 'DOCK_VOLUME_GONE', 'after-redocking'],
    ['ENOTDIR', 'DOCK_VOLUME_GONE', 'after-redocking'],
    ['EACCES', 'DOCK_VOLUME_REFUSED', 'after-redocking'],
  ])('%s: %s, retry %s', (errno, code, retry) => {
    const cause = system(errno);
    const fault = volumeFault('1-1', cause);
    expect(fault).toMatchObject({ code, retry, cause });
    expect(String(fault)).not.toContain('\n');
  });

  it('leaves what is decided already, and what is no system error, as it is', () => {
    const details = { expected: verbatim('a'), found: verbatim('b'), todo: verbatim('c'), retry: 'never' } as const;
    for (const thrown of [new DockError('DOCK_VOLUME_STALLED', details), new TypeError('a defect'), 'text']) {
      expect(volumeFault('1-1', thrown)).toBe(thrown);
    }
  });
});
