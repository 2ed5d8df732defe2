/**
 * The machine that every scenario starts from: Debian's minimal system with its stock kernel, and nothing of ours but a shell on a
 * virtio port. Made once and kept outside the checkout.
 *
 * Needs root (debootstrap), Debian's archive, debootstrap, mkfs.ext4 and busybox-static.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { run } from './program.js';

/** Where what takes long to make is kept. */
export const cache = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'custodock-lab');

/** Changes whenever what `prepareBase` does changes. */
const generation = 4;

const suite = 'bookworm';
const archive = process.env['DEBIAN_MIRROR'] ?? 'http://deb.debian.org/debian';

/** What a dock's Debian has before anybody installs Custodock; nothing for the product's sake. */
const packages = [
  'systemd',
  'systemd-sysv',
  'udev',
  'kmod',
  'dbus',
  'iproute2',
  'linux-image-amd64',
  'initramfs-tools',
];

const diskBytes = 6 * 1024 ** 3;

export interface Base {
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
}

/**
 * Runs each line that comes in as `id base64` in a shell of its own, one after the other, and answers `id status base64`.
 * The port is opened once: whoever closes it loses what is under way.
 */
const agent = `#!/bin/bash
exec 3<>/dev/virtio-ports/lab
echo 'ready 0 ' >&3
while read -r id text <&3; do
  output=$(base64 -d <<<"$text" | timeout 600 bash 2>&1 </dev/stdin; exit \${PIPESTATUS[1]})
  status=$?
  printf '%s %s %s\\n' "$id" "$status" "$(base64 -w0 <<<"$output")" >&3
done
`;

const agentUnit = `[Unit]
Description=Shell of the lab
After=dev-virtio\\x2dports-lab.device
Wants=dev-virtio\\x2dports-lab.device
[Service]
ExecStart=/usr/local/sbin/lab-agent
Restart=always
KillMode=process
[Install]
WantedBy=multi-user.target
`;

/** What the kernel needs to find the disk; Debian's own initrd knows all disks there are, and takes a minute to unpack here. */
const bootModules = ['virtio_pci', 'virtio_blk', 'crc32c_generic', 'ext4'];

const init = `#!/bin/busybox sh
export PATH=/bin
busybox mount -t proc proc /proc
busybox mount -t sysfs sysfs /sys
busybox mount -t devtmpfs devtmpfs /dev
for module in $(busybox cat /order); do busybox insmod $module; done
until disk=$(busybox findfs LABEL=dock); do busybox sleep 0.1; done
busybox mount -t ext4 $disk /root || exec busybox sh
busybox umount /proc /sys
exec busybox switch_root /root /sbin/init
`;

/** An initrd that loads these modules and goes on with the disk that is labelled `dock`. */
function makeInitrd(root: string, version: string, making: string): void {
  const tree = path.join(making, 'initrd');
  for (const folder of ['bin', 'proc', 'sys', 'dev', 'root', 'modules'])
    mkdirSync(path.join(tree, folder), { recursive: true });
  run('cp', ['/bin/busybox', path.join(tree, 'bin/busybox')]);
  const order = bootModules
    .flatMap((name) => run('chroot', [root, 'modprobe', '--show-depends', '--set-version', version, name]).split('\n'))
    .flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []);
  const inside = [...new Set(order)].map((module) => {
    run('cp', [path.join(root, module), path.join(tree, 'modules')]);
    return `/modules/${path.basename(module)}`;
  });
  writeFileSync(path.join(tree, 'order'), inside.join('\n'));
  writeFileSync(path.join(tree, 'init'), init, { mode: 0o755 });
  run('sh', ['-c', 'cd "$1" && find . | busybox cpio -o -H newc >"$2"', 'sh', tree, path.join(making, 'initrd.img')]);
  rmSync(tree, { recursive: true });
}

/** Makes the base machine unless it is there. */
export function prepareBase(say: (line: string) => void): Base {
  const folder = path.join(cache, `base-${suite}-${generation}`);
  const base = {
    disk: path.join(folder, 'disk.img'),
    kernel: path.join(folder, 'vmlinuz'),
    initrd: path.join(folder, 'initrd.img'),
  };
  if (existsSync(folder)) return base;
  mkdirSync(cache, { recursive: true });
  const root = path.join(cache, 'root');
  const making = `${folder}.making`;
  for (const left of [root, making]) rmSync(left, { recursive: true, force: true });
  mkdirSync(making);
  say(`debootstrap ${suite}, once: some minutes`);
  run('debootstrap', ['--variant=minbase', `--include=${packages.join(',')}`, suite, root, archive]);
  rmSync(path.join(root, 'var/cache/apt/archives'), { recursive: true, force: true });
  const write = (file: string, text: string, mode = 0o644): void => {
    writeFileSync(path.join(root, file), text, { mode });
  };
  write('usr/local/sbin/lab-agent', agent, 0o755);
  write('etc/systemd/system/lab-agent.service', agentUnit);
  write('etc/hostname', 'dock\n');
  write('etc/fstab', 'LABEL=dock / ext4 defaults 0 1\n');
  run('systemctl', [`--root=${root}`, 'enable', 'lab-agent.service']);
  const boot = readdirSync(path.join(root, 'boot'));
  const version = boot.find((entry) => entry.startsWith('vmlinuz-'))?.slice('vmlinuz-'.length);
  if (version === undefined) throw new Error('no kernel in /boot of the new system');
  run('cp', [path.join(root, 'boot', `vmlinuz-${version}`), path.join(making, 'vmlinuz')]);
  makeInitrd(root, version, making);
  const disk = path.join(making, 'disk.img');
  run('truncate', ['-s', String(diskBytes), disk]);
  run('mkfs.ext4', ['-q', '-F', '-L', 'dock', '-d', root, disk]);
  rmSync(root, { recursive: true, force: true });
  renameSync(making, folder);
  return base;
}
