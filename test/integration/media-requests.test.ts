/** Requests to the media helper over a real socket, from a dock that may have been taken over; and sysfs as the lab's guest shows it. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../daemon/runtime/clock.js';
import { DockError } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';
import type { ClearRequest } from '../../drivers/media/helper/clearing.js';
import { longestRequestBytes, parseRequest, requestLine } from '../../drivers/media/helper/request.js';
import { serveRequests } from '../../drivers/media/helper/server.js';
import { disksIn } from '../../drivers/media/helper/sysfs.js';
import { clearByHelper } from '../../drivers/media/helper-client.js';

const good: ClearRequest = {
  port: '1-1.3',
  device: '8:1',
  path: Buffer.from('video/20261120/DSJ_C0001_0042_20261120_090000.mp4'),
  sizeBytes: 300_000,
  modifiedMs: 1_763_601_600_000,
  sha256: 'a'.repeat(64),
  sequence: 12,
  leaf: 'b'.repeat(64),
};
const volume = { name: good.port, path: '/x', mountId: 'mount:8:1:77', fileSystem: 'vfat', readOnly: true };
const recording = { ...good, displayPath: 'x', kind: 'video', important: false } as const;

describe('a request', () => {
  it('comes back as it went out, whatever bytes its path has (property)', () => {
    const part = fc
      .uint8Array({ minLength: 1, maxLength: 60 })
      .filter(
        (bytes) =>
          !bytes.includes(0) && !bytes.includes(0x2f) && !['.', '..'].includes(Buffer.from(bytes).toString('latin1')),
      );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
        const path = Buffer.from(parts.map((bytes) => Buffer.from(bytes).toString('latin1')).join('/'), 'latin1');
        expect(parseRequest(requestLine({ ...good, path }))).toEqual({ ...good, path });
      }),
    );
  });

  it.each([
    ['a way out of the volume', { path: Buffer.from('../../etc/passwd').toString('base64') }],
    ['an absolute path', { path: Buffer.from('/etc/passwd').toString('base64') }],
    ['a path with NUL', { path: Buffer.from('a\0b').toString('base64') }],
    ['an empty part', { path: Buffer.from('a//b').toString('base64') }],
    ['a port that is a path', { port: '../1-1.3' }],
    ['a port by its place', { port: '1.3@pci0000:00/0000:00:14.0' }],
    ['a bus', { port: 'usb1' }],
    ['no proof', { sha256: '' }],
    ['a sequence that is none', { sequence: 0 }],
    ['a size beyond what is exact', { sizeBytes: 2 ** 53 }],
    ['a field more', { also: 'format' }],
    ['another version', { version: 2 }],
  ])('is refused with %s', (_, change) => {
    const line = JSON.stringify({ ...JSON.parse(requestLine(good)), ...change });
    expect(() => parseRequest(line)).toThrow(expect.objectContaining({ code: 'DOCK_MEDIA_REQUEST' }));
  });

  it('that is any text at all is refused, and never breaks anything else (property)', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        expect(() => parseRequest(line)).toThrow(DockError);
      }),
    );
  });
});

describe('the socket', () => {
  let folder: string;
  let socket: string;
  let server: Server | undefined;
  let asked: ClearRequest[];
  const serve = async (clear: (request: ClearRequest) => Promise<void>): Promise<void> => {
    server = await serveRequests({ path: socket }, clear, () => undefined);
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'custodock-requests-'));
    socket = join(folder, 'media.socket');
    asked = [];
  });
  afterEach(async () => {
    server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('carries the recording and its proof, and answers once it is gone', async () => {
    await serve(async (request) => void asked.push(request));
    await clearByHelper(socket, systemClock)(volume, recording, good);
    expect(asked).toEqual([good]);
  });

  it('carries back what is wrong: code, found, and whether to try again', async () => {
    await serve(async () => {
      throw new DockError('DOCK_ERASE_CHANGED', {
        expected: verbatim('a'),
        found: verbatim('b'),
        todo: verbatim('c'),
        retry: 'after-redocking',
      });
    });
    await expect(clearByHelper(socket, systemClock)(volume, recording, good)).rejects.toMatchObject({
      code: 'DOCK_ERASE_CHANGED',
      found: 'b',
      retry: 'after-redocking',
    });
  });

  it('that nobody answers at says so, instead of waiting', async () => {
    await expect(clearByHelper(socket, systemClock)(volume, recording, good)).rejects.toMatchObject({
      code: 'DOCK_MEDIA_HELPER_GONE',
    });
  });

  it('closes on a line without end, and goes on serving others (I8)', async () => {
    await serve(async (request) => void asked.push(request));
    const flood = connect(socket);
    flood.on('error', () => undefined);
    flood.write('x'.repeat(longestRequestBytes + 1));
    await once(flood, 'close');
    await clearByHelper(socket, systemClock)(volume, recording, good);
    expect(asked).toHaveLength(1);
  });

  it('hears one request a connection', async () => {
    await serve(async (request) => void asked.push(request));
    const twice = connect(socket);
    twice.write(`${requestLine(good)}${requestLine(good)}`);
    await once(twice.resume(), 'close');
    expect(asked).toHaveLength(1);
  });
});

describe('sysfs', () => {
  const usb = 'devices/pci0000:00/0000:00:05.0/usb1/1-1';
  /** As in a guest with a partitioned card, a card without a table and a reader without a medium behind the hub, and the system's disk. */
  const tree: Readonly<Record<string, string>> = {
    [`${usb}/1-1.1/1-1.1:1.0/host6/target6:0:0/6:0:0:0/block/sda/dev`]: '8:0\n',
    [`${usb}/1-1.1/1-1.1:1.0/host6/target6:0:0/6:0:0:0/block/sda/size`]: '262144\n',
    [`${usb}/1-1.1/1-1.1:1.0/host6/target6:0:0/6:0:0:0/block/sda/diskseq`]: '9\n',
    [`${usb}/1-1.1/1-1.1:1.0/host6/target6:0:0/6:0:0:0/block/sda/sda1/partition`]: '1\n',
    [`${usb}/1-1.1/1-1.1:1.0/host6/target6:0:0/6:0:0:0/block/sda/sda1/dev`]: '8:1\n',
    [`${usb}/1-1.1/1-1.1:1.0/host6/target6:0:0/6:0:0:0/block/sda/sda1/size`]: '260096\n',
    [`${usb}/1-1.1/1-1.1:1.0/host6/target6:0:0/6:0:0:0/block/sda/queue/rotational`]: '1\n',
    [`${usb}/1-1.2/1-1.2:1.0/host7/target7:0:0/7:0:0:0/block/sdb/dev`]: '8:16\n',
    [`${usb}/1-1.2/1-1.2:1.0/host7/target7:0:0/7:0:0:0/block/sdb/size`]: '0\n',
    [`${usb}/1-1.2/1-1.2:1.0/host7/target7:0:0/7:0:0:0/block/sdb/diskseq`]: '10\n',
    'devices/pci0000:00/0000:00:01.0/virtio0/block/vda/dev': '254:0\n',
    'devices/pci0000:00/0000:00:01.0/virtio0/block/vda/size': '12582912\n',
    'devices/pci0000:00/0000:00:01.0/virtio0/block/vda/diskseq': '1\n',
  };

  it('is read as it stands: port paths, partitions, sizes; what goes away meanwhile is left out', async () => {
    const sys = await mkdtemp(join(tmpdir(), 'custodock-sysfs-'));
    try {
      for (const [file, text] of Object.entries(tree)) {
        await mkdir(dirname(join(sys, file)), { recursive: true });
        await writeFile(join(sys, file), text);
      }
      await mkdir(join(sys, 'block'));
      for (const disk of new Set(Object.keys(tree).map((file) => /.*\/block\/\w+/.exec(file)?.[0] ?? ''))) {
        await symlink(join(sys, disk), join(sys, 'block', disk.split('/').at(-1) ?? ''));
      }
      await symlink(join(sys, 'devices/gone/block/sdx'), join(sys, 'block/sdx'));
      expect(await disksIn(sys)).toEqual([
        {
          name: 'sda',
          device: '8:0',
          sizeBytes: 134_217_728,
          portPath: '1-1.1',
          sequence: '9',
          partitions: [{ name: 'sda1', device: '8:1', sizeBytes: 133_169_152 }],
        },
        { name: 'sdb', device: '8:16', sizeBytes: 0, portPath: '1-1.2', sequence: '10', partitions: [] },
        { name: 'vda', device: '254:0', sizeBytes: 6_442_450_944, portPath: undefined, sequence: '1', partitions: [] },
      ]);
    } finally {
      await rm(sys, { recursive: true, force: true });
    }
  });
});
