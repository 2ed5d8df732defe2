/** What a file of a card is over PTP, worked out here a second time and otherwise than by the driver. */
import type { CardFile } from '../../drivers/simulated/card.js';
import { nameOf } from '../../drivers/simulated/ptp/card-objects.js';

/** Raw path as the driver has to give it: UTF-8, with lone halves of surrogate pairs as three bytes. */
export function ptpPath(raw: Uint8Array): Buffer {
  const parts = Buffer.from(raw).toString('latin1').split('/');
  return Buffer.concat(
    parts.flatMap((part, index) => {
      const bytes = Buffer.concat([...nameOf(Buffer.from(part, 'latin1'))].map(threeBytesOrUtf8));
      return index === 0 ? [bytes] : [Buffer.from('/'), bytes];
    }),
  );
}

function threeBytesOrUtf8(character: string): Buffer {
  const unit = character.codePointAt(0) ?? 0;
  if (unit < 0xd800 || unit > 0xdfff) return Buffer.from(character);
  return Buffer.from([0b1110_0000 + Math.floor(unit / 4096), 128 + (Math.floor(unit / 64) % 64), 128 + (unit % 64)]);
}

/** Path, time and size: whole seconds, local time of the camera shown as if it were UTC. */
export function overPtp(file: CardFile, zoneMinutes: number): CardFile {
  const modifiedMs = (Math.floor(file.modifiedMs / 1000) + zoneMinutes * 60) * 1000;
  return { ...file, path: ptpPath(file.path), modifiedMs };
}
