/**
 * The standard information block of Chinese recorders: five text fields of fixed width in one of two layouts. Pure.
 *
 * Text is GBK, and firmware cuts it at the field's end without looking at characters. All of it is hostile (I11): what is returned is the
 * text as it stands, to be taken, refused or made fit to be shown by whoever uses it.
 */
import { DockError } from '../../contract/error.js';
import { phrase } from '../../contract/phrase.js';

export interface Information {
  readonly serial: string;
  readonly userNumber: string;
  readonly userName: string;
  readonly unitNumber: string;
  readonly unitName: string;
}

export interface InformationLayout {
  /** Bytes of each field, in the order of `Information`. */
  readonly widths: readonly [number, number, number, number, number];
  /** Every field ends with a NUL within its width; else text may fill it. */
  readonly terminated: boolean;
}

/** Vendors' kits have one or the other; the block's length tells which. */
export const informationLayouts = {
  packed: { widths: [7, 6, 32, 12, 32], terminated: false },
  terminated: { widths: [8, 7, 33, 13, 33], terminated: true },
} as const satisfies Record<string, InformationLayout>;

export function blockBytes({ widths }: InformationLayout): number {
  return widths.reduce((sum, width) => sum + width, 0);
}

/** Longest of the two: what a driver asks for. */
export const longestBlockBytes = blockBytes(informationLayouts.terminated);

/** Throws DOCK_CAMERA_BLOCK_INVALID for a length that is neither layout's. Any content of the right length is decoded. */
export function decodeInformation(block: Uint8Array): Information {
  const layout = Object.values(informationLayouts).find((one) => blockBytes(one) === block.length);
  if (layout === undefined) {
    throw new DockError('DOCK_CAMERA_BLOCK_INVALID', {
      expected: phrase`an information block of one of ${Object.values(informationLayouts).map(blockBytes).join(', ')} bytes`,
      found: phrase`${block.length} bytes`,
      todo: phrase`Put the camera in again; if it stays so, have its maker’s tool write its information anew`,
      retry: 'now',
    });
  }
  let from = 0;
  const next = (field: number): string => {
    const width = layout.widths[field] ?? 0;
    const text = gbkText(block.subarray(from, from + width - (layout.terminated ? 1 : 0)));
    from += width;
    return text;
  };
  return { serial: next(0), userNumber: next(1), userName: next(2), unitNumber: next(3), unitName: next(4) };
}

/** The text of one field: up to its first NUL, without the half of a character that the field's end cut off. */
export function gbkText(field: Uint8Array): string {
  const nul = field.indexOf(0);
  const text = nul === -1 ? field : field.subarray(0, nul);
  return new TextDecoder('gbk').decode(text.subarray(0, wholeCharacters(text)));
}

/** Bytes up to the last character that is complete. */
function wholeCharacters(text: Uint8Array): number {
  let at = 0;
  while (at < text.length) {
    const next = at + (isLead(text[at] ?? 0) ? 2 : 1);
    if (next > text.length) return at;
    at = next;
  }
  return at;
}

/** First byte of a character of two, GBK/1 to GBK/5 and the user-defined areas. */
function isLead(byte: number): boolean {
  return byte >= 0x81 && byte <= 0xfe;
}
