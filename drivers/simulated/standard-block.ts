/** The standard information block as firmware writes it: GBK bytes, cut at the field's end wherever that falls. */
import type { InformationLayout } from '../camera/standard/information-block.js';

/** The five fields as raw bytes, in their order. */
export function encodeInformation(layout: InformationLayout, fields: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    layout.widths.map((width, at) => {
      const field = Buffer.alloc(width);
      field.set((fields[at] ?? new Uint8Array()).subarray(0, layout.terminated ? width - 1 : width));
      return field;
    }),
  );
}
