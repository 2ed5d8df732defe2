/** Hashes of RFC 6962 section 2.1 over entries, so that a Merkle tree can be grown over the ledger as it is. */
import { createHash, hash } from 'node:crypto';

const leafPrefix = Uint8Array.of(0x00);

/** SHA-256 of nothing: the root of the empty tree, and `prev` of the first entry. Lower-case hex. */
export const emptyTreeHash = createHash('sha256').digest('hex');

/** SHA-256(0x00 ‖ bytes), lower-case hex. */
export function leafHash(bytes: Uint8Array): string {
  return createHash('sha256').update(leafPrefix).update(bytes).digest('hex');
}

/** The leaf hash where 0x00 stands before the bytes already: one call, for those who hash all of a ledger. */
export function prefixedLeafHash(prefixed: Uint8Array): string {
  return hash('sha256', prefixed, 'hex');
}
