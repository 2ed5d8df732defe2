/**
 * What is mounted where, from the text of /proc/self/mountinfo (proc_pid_mountinfo(5)). Pure.
 *
 * Reading this instead of asking the volumes themselves means that a card that hangs cannot hold up the look at the others (I8).
 */

export interface Mount {
  /** Unique among the mounts of now; the kernel gives it again after an unmount. */
  readonly id: number;
  /** `major:minor` as the kernel writes it. */
  readonly device: string;
  readonly mountPoint: string;
  readonly fileSystem: string;
  /** Read-only by the mount or by the file system under it: either is enough for writes to fail. */
  readonly readOnly: boolean;
  /** Read-only by the file system itself: no mount of it can be written to. */
  readonly sealed: boolean;
}

/**
 * All mounts, in the kernel's order: of two at one place the later lies on top.
 * `text` is read as latin1, one character a byte, because a mount point may hold any byte. Lines that make no sense are left out.
 */
export function parseMountInfo(text: string): readonly Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const mount = parseLine(line);
    if (mount !== undefined) mounts.push(mount);
  }
  return mounts;
}

function parseLine(line: string): Mount | undefined {
  const fields = line.split(' ');
  // Between the mount options and the dash stand any number of optional fields (`shared:1`, `master:2`, …).
  const dash = fields.indexOf('-', 6);
  const [id, , device, , mountPoint, options] = fields;
  const [fileSystem, , superOptions] = dash < 0 ? [] : fields.slice(dash + 1);
  if (id === undefined || !/^\d+$/.test(id) || device === undefined || !/^\d+:\d+$/.test(device)) return undefined;
  if (mountPoint === undefined || !mountPoint.startsWith('/') || options === undefined) return undefined;
  if (fileSystem === undefined || superOptions === undefined) return undefined;
  return {
    id: Number(id),
    device,
    mountPoint: unescapePath(mountPoint),
    fileSystem: unescapePath(fileSystem),
    readOnly: hasOption(options, 'ro') || hasOption(superOptions, 'ro'),
    sealed: hasOption(superOptions, 'ro'),
  };
}

function hasOption(list: string, option: string): boolean {
  return list.split(',').includes(option);
}

/** The kernel writes space, tab, newline, backslash and `#` as three octal digits. */
function unescapePath(field: string): string {
  const bytes = field.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8) & 0xff),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/**
 * What is mounted exactly here; undefined where the directory is no mount point. An automounter's trigger is not a volume:
 * nothing is there until somebody walks in.
 */
export function mountAt(mounts: readonly Mount[], path: string): Mount | undefined {
  const mount = mounts.findLast(({ mountPoint }) => mountPoint === path);
  return mount?.fileSystem === 'autofs' ? undefined : mount;
}

/** The mount that an absolute path lies on. */
export function mountOver(mounts: readonly Mount[], path: string): Mount | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    const { mountPoint } = mount;
    const over = mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`);
    if (over && (best === undefined || mountPoint.length >= best.mountPoint.length)) best = mount;
  }
  return best;
}
