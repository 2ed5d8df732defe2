/**
 * Reads entries in turns, for whoever goes through all of them.
 *
 * One row a turn: making JavaScript objects of a thousand rows takes longer than hashing what is in them.
 */
import type { Database } from './database.js';

/** Entries of one turn: about half a megabyte and a few milliseconds of hashing; 128 MiB if all were the longest possible. */
const entriesPerTurn = 500;

export interface RawEntry {
  readonly seq: number;
  /** As it is stored, hex. */
  readonly leaf: string;
  /** What the leaf is the hash of: 0x00, then the bytes of the entry. */
  readonly prefixed: Buffer;
}

interface Turn {
  readonly seqs: string | null;
  readonly lengths: string;
  readonly leaves: string;
  readonly prefixed: Buffer;
}

/** Text is only what SQLite calls it: nothing is converted on the way, whatever the bytes are. */
const turnSql = `
  SELECT group_concat(seq) AS seqs, group_concat(length(bytes)) AS lengths, group_concat(hex(leaf), '') AS leaves,
    CAST(group_concat(char(0) || CAST(bytes AS TEXT), '') AS BLOB) AS prefixed
  FROM (SELECT seq, leaf, bytes FROM entries WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ${entriesPerTurn})`;

/** Entries after `after` up to and including `upTo`, in order. The next turn is read while this one is worked on. */
export async function* entryTurns(
  database: Database,
  after: number,
  upTo: number,
): AsyncGenerator<readonly RawEntry[]> {
  const turnAfter = async (seq: number): Promise<readonly RawEntry[]> => {
    const turn = await database.first<Turn>(turnSql, seq, upTo);
    return turn === undefined || turn.seqs === null ? [] : cut(turn, turn.seqs.split(','));
  };
  let next = turnAfter(after);
  for (;;) {
    const turn = await next;
    const last = turn.at(-1);
    if (last === undefined) return;
    next = turnAfter(last.seq);
    try {
      yield turn;
    } finally {
      // Whoever stops early must not leave a read behind that fails unheard.
      await Promise.allSettled([next]);
    }
  }
}

function cut({ lengths, leaves, prefixed }: Turn, seqs: readonly string[]): readonly RawEntry[] {
  const leafHex = leaves.toLowerCase();
  const lengthOf = lengths.split(',');
  let from = 0;
  return seqs.map((seq, index) => {
    const until = from + 1 + Number(lengthOf[index]);
    const entry = {
      seq: Number(seq),
      leaf: leafHex.slice(index * 64, (index + 1) * 64),
      prefixed: prefixed.subarray(from, until),
    };
    from = until;
    return entry;
  });
}
