/** How a simulated PTP camera misbehaves. All of it can be changed while it runs. */

/** What happens to an operation, `times` times; then it is answered as it should be. */
export type Mishap = { times: number } & (
  | {
      readonly kind:
        | 'silent'
        | 'stall'
        | 'endless'
        | 'garbage'
        | 'another-transaction'
        | 'no-response'
        | 'empty-packets';
    }
  /** The whole reply comes only before that to the next command. */
  | { readonly kind: 'late' }
  /** The data phase breaks off after so many bytes; what the device does then is up to the host. */
  | { readonly kind: 'cut' | 'vanish'; readonly afterBytes: number }
  /** Another response than OK, without data. */
  | { readonly kind: 'refuse'; readonly code: number }
  | { readonly kind: 'alter'; readonly data: (data: Uint8Array) => Uint8Array }
);

export interface Temper {
  /** The header of a data container comes in a packet of its own. */
  splitHeader: boolean;
  /** The response comes in the same transfer as the end of the data. */
  glueResponse: boolean;
  /** Ends a data phase that fills its last packet with an empty one. */
  emptyPackets: boolean;
  /** Data containers do not say how long they are. */
  unknownLength: boolean;
  /** The first OpenSession is answered with SessionAlreadyOpen. */
  sessionLeftOpen: boolean;
  /** Ways of the host to bring it back in step that it does not hear. */
  readonly deafTo: Set<'cancel' | 'class-reset' | 'port-reset'>;
  /** A reset of its port makes it re-enumerate after so long, ms; undefined: it comes back the same at once. */
  reenumeratesAfterMs: number | undefined;
  /** By operation. */
  readonly mishaps: Map<number, Mishap>;
  /** Operations that it neither declares nor knows. */
  readonly unknown: Set<number>;
  /** Properties that it declares and refuses. */
  readonly refusedProperties: Set<number>;
  /** By name, what it says of the size of objects: so many bytes more than they have, negative for fewer. */
  readonly sizeLies: Map<string, number>;
  /** What ObjectInfo says of parent and name, instead of the truth. */
  lie: ((truth: ObjectTruth) => Partial<Pick<ObjectTruth, 'parent' | 'name'>>) | undefined;
  /** GetPartialObject and GetPartialObject64 give no more than so much, however much is asked for. */
  mostPartialBytes: number;
  /** GetObjectHandles answers with all objects of the storage, whichever folder was asked for. */
  flat: boolean;
}

export interface ObjectTruth {
  readonly handle: number;
  readonly parent: number;
  readonly name: string;
  readonly isFolder: boolean;
}

export function goodTemper(): Temper {
  return {
    splitHeader: false,
    glueResponse: false,
    emptyPackets: true,
    unknownLength: false,
    sessionLeftOpen: false,
    deafTo: new Set(),
    reenumeratesAfterMs: undefined,
    mishaps: new Map(),
    unknown: new Set(),
    refusedProperties: new Set(),
    sizeLies: new Map(),
    lie: undefined,
    mostPartialBytes: 0xffff_ffff,
    flat: false,
  };
}
