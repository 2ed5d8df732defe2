/**
 * Whether a recording looks whole, judged by its own format while its bytes pass by. Pure.
 *
 * Only a label for people: a truncated recording is evidence like any other and is kept as it is. A format that is not
 * known, or is encrypted, cannot be judged and counts as complete: all bytes that the camera lists are there.
 */

/** Fed with every byte of a file in order. */
export interface SoundnessCheck {
  feed(block: Uint8Array, at: number): void;
  /** False: the format says that something is missing. Ask when everything was fed. */
  whole(): boolean;
}

const indifferent: SoundnessCheck = { feed: () => undefined, whole: () => true };

/** The check for a file of this name (its extension decides) and size. */
export function soundnessCheck(name: string, sizeBytes: number): SoundnessCheck {
  if (/_enc(_|\.|$)/i.test(name)) return indifferent;
  const extension = /\.([a-z0-9]{1,5})$/i.exec(name)?.[1]?.toLowerCase();
  if (extension === 'mp4' || extension === 'mov' || extension === 'm4a' || extension === '3gp') {
    return new BoxCheck(sizeBytes);
  }
  if (extension === 'wav' || extension === 'avi') return new RiffCheck(sizeBytes);
  if (extension === 'jpg' || extension === 'jpeg') return new JpegCheck(sizeBytes);
  return indifferent;
}

/** Copies what of `block` (which lies at `at` in the file) falls into `window` (which lies at `windowAt`). */
function copyOverlap(block: Uint8Array, at: number, window: Uint8Array, windowAt: number): void {
  const from = Math.max(at, windowAt);
  const to = Math.min(at + block.length, windowAt + window.length);
  if (from < to) window.set(block.subarray(from - at, to - at), from - windowAt);
}

/** Box types that stand at the top level of ISO/IEC 14496-12 and QuickTime files. */
const topLevelBoxes = new Set(
  'ftyp styp moov moof mdat free skip wide pnot udta uuid meta mfra sidx ssix emsg prft pdin'.split(' '),
);

/** ISO base media: boxes follow each other to the end of the file, and without `moov` nothing can be played. */
class BoxCheck implements SoundnessCheck {
  readonly #sizeBytes: number;
  readonly #header = new Uint8Array(16);
  #headerAt = 0;
  #index = false;
  #verdict: 'walking' | 'whole' | 'broken' | 'unknown' = 'walking';

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
  }

  feed(block: Uint8Array, at: number): void {
    const end = at + block.length;
    while (this.#verdict === 'walking' && this.#headerAt < end) {
      copyOverlap(block, at, this.#header, this.#headerAt);
      // A header that runs on into the next block is completed there.
      if (end < Math.min(this.#headerAt + 16, this.#sizeBytes)) return;
      this.#step();
    }
  }

  whole(): boolean {
    return this.#verdict === 'whole' || this.#verdict === 'unknown';
  }

  #step(): void {
    const left = this.#sizeBytes - this.#headerAt;
    const view = new DataView(this.#header.buffer);
    const type = String.fromCharCode(...this.#header.subarray(4, 8));
    if (left < 8) {
      this.#verdict = 'broken';
      return;
    }
    if (this.#headerAt === 0 && !topLevelBoxes.has(type)) {
      // Nothing but zero bytes: the camera made the directory entry and never wrote the content.
      this.#verdict = this.#header.every((byte) => byte === 0) ? 'broken' : 'unknown';
      return;
    }
    if (type === 'moov') this.#index = true;
    const short = view.getUint32(0);
    let size = short === 0 ? left : short;
    if (short === 1) size = left < 16 ? Number.POSITIVE_INFINITY : Number(view.getBigUint64(8));
    if (size < 8 || size > left) {
      this.#verdict = 'broken';
      return;
    }
    this.#headerAt += size;
    if (this.#headerAt === this.#sizeBytes) this.#verdict = this.#index ? 'whole' : 'broken';
  }
}

/** RIFF: the length in the header is filled in when recording ends properly. */
class RiffCheck implements SoundnessCheck {
  readonly #sizeBytes: number;
  readonly #header = new Uint8Array(8);

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
  }

  feed(block: Uint8Array, at: number): void {
    copyOverlap(block, at, this.#header, 0);
  }

  whole(): boolean {
    if (this.#sizeBytes < 12) return false;
    const magic = String.fromCharCode(...this.#header.subarray(0, 4));
    if (magic !== 'RIFF') return magic !== '\0\0\0\0';
    const content = new DataView(this.#header.buffer).getUint32(4, true);
    return content !== 0 && content !== 0xffffffff && content + 8 <= this.#sizeBytes;
  }
}

/** How far before the end of the file a JPEG's end marker may stand: some cameras append a trailer of their own. */
const jpegTailBytes = 65_536;

class JpegCheck implements SoundnessCheck {
  readonly #sizeBytes: number;
  readonly #start = new Uint8Array(2);
  readonly #tail: Uint8Array;

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
    this.#tail = new Uint8Array(Math.min(sizeBytes, jpegTailBytes));
  }

  feed(block: Uint8Array, at: number): void {
    copyOverlap(block, at, this.#start, 0);
    copyOverlap(block, at, this.#tail, this.#sizeBytes - this.#tail.length);
  }

  whole(): boolean {
    const [first, second] = this.#start;
    if (first === 0 && second === 0) return false;
    if (first !== 0xff || second !== 0xd8) return true;
    return Buffer.from(this.#tail.buffer).includes(Buffer.from([0xff, 0xd9]), 2);
  }
}
