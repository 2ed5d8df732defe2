import { chmod, readdir, rm, truncate } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ReadPath } from '../../daemon/archive/direct-io.js';
import type { DurableFiles } from '../../daemon/archive/durable-files.js';
import type { EntryBody, EntryKind } from '../../daemon/custody/entry.js';
import type { KnownRecording } from '../../daemon/custody/ledger.js';
import type { Cleared } from '../../daemon/offload/offload.js';
import { filesWith, noise, sha256 } from '../support/copy-rig.js';
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

/** An archive disk that is read like this, whatever the temporary folder lies on. */
function onMedium(readPath: ReadPath): DurableFiles {
  return filesWith((real) => ({ openReadBack: async (path) => ({ ...(await real.openReadBack(path)), readPath }) }));
}

function clear(rig: OffloadRig): Promise<Cleared> {
  return rig.request('cam-a').then((request) => rig.offload.clear(request, new AbortController().signal));
}

async function entered(rig: OffloadRig): Promise<readonly KnownRecording[]> {
  return rig.ledger.recordings({ limit: 1000 });
}

describe('clearing a camera (I3)', () => {
  async function offloaded(
    erase: 'never' | 'after-verified',
    changes: OffloadRigOptions = {},
    readPath: ReadPath = 'direct',
  ): Promise<OffloadRig> {
    const rig = await rigWith({ erase, tools: { files: onMedium(readPath) }, ...changes });
    await rig.put('cam-a', 'plain.bin', noise(1000));
    await rig.put('cam-a', 'IMP/marked.bin', noise(1001));
    await rig.put('cam-a', 'cut.mp4', Buffer.concat([Buffer.from('0000002066747970', 'hex'), noise(900)]));
    await rig.run('cam-a');
    await rig.put('cam-a', 'new.bin', noise(1002));
    return rig;
  }

  it('never: touches nothing', async () => {
    const rig = await offloaded('never');
    expect(await clear(rig)).toEqual({
      erased: 0,
      kept: 4,
      waiting: 0,
    });
  });

  it('after-verified: erases what is whole, proved and ordinary, enters it, and keeps the rest', async () => {
    const rig = await offloaded('after-verified');
    const result = await clear(rig);
    expect(result).toEqual({ erased: 1, kept: 3, waiting: 0 });
    expect((await readdir(rig.cardPath('cam-a'))).sort()).toEqual(['IMP', 'cut.mp4', 'new.bin']);
    const erased = (await rig.ledger.read(1, 100)).find(({ entry }) => entry.kind === 'recording.erased');
    expect(erased?.entry.body).toMatchObject({ path: 'plain.bin', proof: { sha256: sha256(noise(1000)) } });
  });

  it.each(['lost', 'cut short'])('erases nothing whose copy in the archive is %s', async (how) => {
    const rig = await offloaded('after-verified');
    const known = (await entered(rig)).find(({ body }) => body.path === 'plain.bin');
    const path = rig.archived(known?.body.archivePath ?? '');
    if (how === 'lost') await rm(path);
    else {
      await chmod(path, 0o600);
      await truncate(path, 10);
    }
    expect(await clear(rig)).toMatchObject({
      erased: 0,
    });
  });

  it('keeps a recording whose bytes changed under the same size and time', async () => {
    const rig = await offloaded('after-verified');
    await rig.put('cam-a', 'plain.bin', noise(1000, 9));
    expect(await clear(rig)).toMatchObject({
      erased: 0,
    });
    expect(rig.log.lines.map(({ key }) => key)).toContain('offload.erase-refused');
  });

  it('keeps what was proved by the page cache only: the medium may hold something else (I2)', async () => {
    const rig = await offloaded('after-verified', {}, 'cached');
    expect(await clear(rig)).toEqual({ erased: 0, kept: 4, waiting: 0 });
    expect((await entered(rig)).map(({ body }) => body.readBack)).toEqual(['cached', 'cached', 'cached']);
  });

  it('waits until the ledger is checked and in order, and stops when it is found broken', async () => {
    let check: 'running' | 'clean' | 'broken' = 'running';
    const rig = await offloaded('after-verified', { mayErase: () => check === 'clean' });
    await rig.put('cam-a', 'second.bin', noise(1003, 3));
    await rig.run('cam-a');
    // The important one and the one that was cut would stay anyway.
    expect(await clear(rig)).toEqual({ erased: 0, kept: 5, waiting: 3 });
    expect(rig.log.lines.map(({ key }) => key)).toContain('offload.erase-waits');
    check = 'clean';
    const request = await rig.request('cam-a');
    const { session } = request;
    const erase = session.erase;
    if (erase === undefined) throw new Error('the card is writable');
    const brokenMeanwhile = async (...of: Parameters<typeof erase>): Promise<void> => {
      await erase(...of);
      check = 'broken';
    };
    const breaking = { ...request, session: { ...session, erase: brokenMeanwhile } };
    expect(await rig.offload.clear(breaking, new AbortController().signal)).toMatchObject({ erased: 1 });
    check = 'clean';
    expect(await clear(rig)).toMatchObject({ erased: 2 });
  });

  describe('leaves a trace of every erasure, whatever interrupts it (M18)', () => {
    /** What the ledger says of erasing plain.bin. */
    const erasures = async (rig: OffloadRig): Promise<readonly string[]> =>
      (await rig.ledger.read(1, 1000)).flatMap(({ entry }) => {
        if (entry.kind !== 'recording.erasing' && entry.kind !== 'recording.erased') return [];
        const body = entry.body as EntryBody<'recording.erased'>;
        return body.path === 'plain.bin' ? [body.outcome ?? 'erasing'] : [];
      });
    /** The dock stops, or the ledger fills up, at the entry of this kind. */
    function stopsAt(rig: OffloadRig, kind: EntryKind): () => void {
      const append = rig.ledger.append.bind(rig.ledger);
      rig.ledger.append = (...facts) =>
        facts.some((fact) => fact.kind === kind) ? Promise.reject(new Error('the dock stops')) : append(...facts);
      return () => {
        rig.ledger.append = append;
      };
    }

    it('enters that it is about to, then that it has', async () => {
      const rig = await offloaded('after-verified');
      await clear(rig);
      expect(await erasures(rig)).toEqual(['erasing', 'erased']);
    });

    it('erases nothing when it cannot even say so', async () => {
      const rig = await offloaded('after-verified');
      const goOn = stopsAt(rig, 'recording.erasing');
      await expect(clear(rig)).rejects.toThrow('the dock stops');
      goOn();
      expect(await readdir(rig.cardPath('cam-a'))).toContain('plain.bin');
    });

    it('enters at the next docking what was erased without an outcome, once', async () => {
      const rig = await offloaded('after-verified');
      const goOn = stopsAt(rig, 'recording.erased');
      await expect(clear(rig)).rejects.toThrow('the dock stops');
      goOn();
      expect(await readdir(rig.cardPath('cam-a'))).not.toContain('plain.bin');
      expect(await erasures(rig)).toEqual(['erasing']);
      await rig.run('cam-a', { bay: '1-4' });
      await rig.run('cam-a', { bay: '1-5' });
      expect(await erasures(rig)).toEqual(['erasing', 'found-gone']);
      const known = (await entered(rig)).find(({ body }) => body.path === 'plain.bin');
      const entry = (await rig.ledger.read(known?.erasedSeq ?? 0, 1))[0]?.entry;
      expect(entry?.body).toMatchObject({ bay: '1-4', proof: { sequence: known?.seq, leaf: known?.leaf } });
    });

    it('tries again under the same entry what was refused, and says nothing of it while it is there', async () => {
      const rig = await offloaded('after-verified');
      const request = await rig.request('cam-a');
      const refusing = { ...request.session, erase: () => Promise.reject(new Error('taken out')) };
      for (let time = 0; time < 2; time += 1) {
        const refused = rig.offload.clear({ ...request, session: refusing }, new AbortController().signal);
        await expect(refused).rejects.toThrow('taken out');
        await rig.run('cam-a');
      }
      expect(await erasures(rig)).toEqual(['erasing']);
      await clear(rig);
      expect(await erasures(rig)).toEqual(['erasing', 'erased']);
    });

    it('takes nothing for gone that could not be listed', async () => {
      const rig = await offloaded('after-verified');
      const goOn = stopsAt(rig, 'recording.erased');
      await expect(clear(rig)).rejects.toThrow('the dock stops');
      goOn();
      const request = await rig.request('cam-a');
      const session = {
        ...request.session,
        async *recordings() {
          yield { skipped: { displayPath: 'DCIM', reason: 'unreadable' as const } };
        },
      };
      await rig.offload.run({ ...request, session }, () => undefined, new AbortController().signal);
      expect(await erasures(rig)).toEqual(['erasing']);
    });
  });
});
