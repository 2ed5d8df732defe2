/**
 * Listens where the daemon's SQL goes to SQLite: knows what is on its way, what SQLite has confirmed, and lets a process die
 * before or after a commit.
 */
import { Database } from '../../daemon/custody/database.js';
import { type Incarnation, never } from './incarnation.js';

/** An entry whose commit SQLite has confirmed. */
export interface Entered {
  readonly seq: number;
  readonly leaf: string;
  readonly bytes: Buffer;
}

/** What the disk under the ledger does with a commit: an error, before or after it was written, or no answer for ever. */
export type LedgerTrouble =
  | { readonly kind: 'error'; readonly error: Error; readonly written: boolean }
  | { readonly kind: 'hangs' };

const insertPattern = /INSERT INTO entries \(seq, leaf, bytes\) VALUES \((\d+), x'([0-9a-f]+)', x'([0-9a-f]*)'\)/g;

const original = { open: Database.open, ...methods(Database.prototype) };
const owners = new WeakMap<Database, Incarnation>();
let owner: Incarnation | undefined;
let onEntered: (entries: readonly Entered[]) => void = () => undefined;
let troubles: () => LedgerTrouble | undefined = () => undefined;
let onWay = 0;
let tapped = false;

function methods({ exec, all, close }: Database): Pick<Database, 'exec' | 'all' | 'close'> {
  return { exec, all, close };
}

/** Requests to SQLite that have not come back. */
export function databaseRequests(): number {
  return onWay;
}

async function counted<T>(work: Promise<T>): Promise<T> {
  onWay += 1;
  try {
    return await work;
  } finally {
    onWay -= 1;
  }
}

/**
 * From now on whatever is opened belongs to this process, and what it enters is told. `trouble`: what the disk under the
 * ledger does with the next commit instead of taking it.
 */
export function tapLedger(
  process: Incarnation,
  entered: (entries: readonly Entered[]) => void,
  trouble: () => LedgerTrouble | undefined,
): void {
  owner = process;
  troubles = trouble;
  onEntered = entered;
  if (tapped) return;
  tapped = true;
  Database.open = openTapped;
  Database.prototype.exec = execTapped;
  Database.prototype.all = allTapped;
  Database.prototype.close = closeTapped;
}

/** Runs `work` as one who looks at the world from outside: what it opens belongs to nobody. Only while the daemon is at rest. */
export async function outside<T>(work: () => Promise<T>): Promise<T> {
  const before = owner;
  owner = undefined;
  try {
    return await work();
  } finally {
    owner = before;
  }
}

async function openTapped(...[file, access]: Parameters<typeof Database.open>): Promise<Database> {
  const by = owner;
  if (by === undefined) return counted(original.open.call(Database, file, access));
  if (!by.alive) return never();
  const database = await counted(original.open.call(Database, file, access));
  owners.set(database, by);
  const handle = by.opened(async () => {
    await counted(original.close.call(database));
  });
  closers.set(database, handle);
  return database;
}

const closers = new WeakMap<Database, { closed(): void }>();

async function execTapped(this: Database, sql: string): Promise<void> {
  const by = owners.get(this);
  const work = (): Promise<void> => counted(original.exec.call(this, sql));
  if (by === undefined) return work();
  if (!by.alive) return never();
  const entries = sql.startsWith('BEGIN IMMEDIATE;') ? [...sql.matchAll(insertPattern)] : [];
  if (entries.length === 0) {
    await work();
    return by.alive ? undefined : never();
  }
  await by.operation(async () => {
    const trouble = troubles();
    if (trouble?.kind === 'hangs') return never();
    if (trouble === undefined || trouble.written) await work();
    if (trouble !== undefined) throw trouble.error;
  });
  onEntered(
    entries.map(([, seq, leaf = '', bytes = '']) => ({ seq: Number(seq), leaf, bytes: Buffer.from(bytes, 'hex') })),
  );
}

async function allTapped<Row>(this: Database, ...query: Parameters<Database['all']>): Promise<Row[]> {
  const by = owners.get(this);
  if (isDead(by)) return never();
  const rows = await counted(original.all.call(this, ...query));
  return isDead(by) ? never() : (rows as Row[]);
}

/** Asked anew after each wait: the process may have died meanwhile. */
function isDead(by: Incarnation | undefined): boolean {
  return by?.alive === false;
}

async function closeTapped(this: Database): Promise<void> {
  const by = owners.get(this);
  if (isDead(by)) return never();
  closers.get(this)?.closed();
  await counted(original.close.call(this));
}
