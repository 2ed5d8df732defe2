import { afterEach, describe, expect, it } from 'vitest';
import { errno, filesWith, noise, sourcesWith } from '../support/copy-rig.js';
import { OffloadRig, type OffloadRigOptions } from '../support/offload-rig.js';

const rigs: OffloadRig[] = [];
async function rigWith(options: OffloadRigOptions = {}): Promise<OffloadRig> {
  const rig = await OffloadRig.make(options);
  rigs.push(rig);
  return rig;
}
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.remove();
});

function door() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('an archive whose disk hangs', () => {
  it('keeps the part from every other copy until it lets go, and lets the next one have it then (I2)', async () => {
    const hang = door();
    const hanging = door();
    let hangs = true;
    const files = filesWith((real) => ({
      async openPart(path, fresh) {
        if (hangs) {
          hanging.open();
          await hang.opened;
        }
        return real.openPart(path, fresh);
      },
    }));
    const rig = await rigWith({ tools: { files }, watch: { stallMs: 5_000, cancelMs: 20 } });
    await rig.put('cam-a', 'one.mp4', noise(5000));
    const taken = new AbortController();
    const first = rig.run('cam-a', { bay: '1-1' }, () => undefined, taken.signal);
    await hanging.opened;
    taken.abort(new Error('undocked'));
    await expect(first).rejects.toThrow('undocked');
    hangs = false;
    const second = await rig.run('cam-a', { bay: '1-2' });
    expect(second.failed.map(({ error }) => [error.code, error.retry])).toEqual([['DOCK_RECORDING_BUSY', 'now']]);
    hang.open();
    await expect.poll(async () => (await rig.run('cam-a', { bay: '1-2' })).offloaded).toBe(1);
  });

  it('stops all recordings at the first that stands still, so that the bay tries again later', async () => {
    const hang = door();
    let opened = 0;
    const files = filesWith((real) => ({
      async openPart(path, fresh) {
        opened += 1;
        await hang.opened;
        return real.openPart(path, fresh);
      },
    }));
    const rig = await rigWith({ tools: { files }, watch: { stallMs: 150, cancelMs: 50 }, copiesAtOnce: 2 });
    for (let index = 0; index < 6; index += 1) await rig.put('cam-a', `${index}.mp4`, noise(1000, index));
    await expect(rig.run('cam-a')).rejects.toMatchObject({ code: 'DOCK_ARCHIVE_STALLED', retry: 'now' });
    expect(opened).toBe(2);
    hang.open();
  });
});

describe("the dock's own faults let every bay try again by itself", () => {
  it.each([
    ['ENOSPC', 'DOCK_ARCHIVE_FULL'],
    ['EROFS', 'DOCK_ARCHIVE_READ_ONLY'],
    ['ENODEV', 'DOCK_ARCHIVE_GONE'],
    ['EACCES', 'DOCK_ARCHIVE_REFUSED'],
  ])('%s while writing: later, and not the same recording three times at once', async (code, expected) => {
    let writes = 0;
    const files = filesWith((real) => ({
      openPart: async (path, fresh) => ({
        ...(await real.openPart(path, fresh)),
        write: () => {
          writes += 1;
          return Promise.reject(errno(code));
        },
      }),
    }));
    const rig = await rigWith({ tools: { files } });
    await rig.put('cam-a', 'one.mp4', noise(1000));
    await expect(rig.run('cam-a')).rejects.toMatchObject({ code: expected, retry: 'now' });
    expect(writes).toBe(1);
  });

  it('a plan that does not fit, and an archive that is not there', async () => {
    const rig = await rigWith();
    await rig.archive.ready();
    await rig.put('cam-a', 'one.mp4', noise(1000));
    rig.archive.roomBytes = async () => 0;
    await expect(rig.run('cam-a')).rejects.toMatchObject({ code: 'DOCK_ARCHIVE_FULL', retry: 'now' });
  });

  it("but a camera's own faults wait until it is put in again", async () => {
    const sources = sourcesWith(() => ({ read: () => Promise.reject(errno('ENODEV')) }));
    const rig = await rigWith({ tools: { sources } });
    await rig.put('cam-a', 'one.mp4', noise(1000));
    await expect(rig.run('cam-a')).rejects.toMatchObject({ code: 'DOCK_CAMERA_GONE', retry: 'after-redocking' });
  });
});
