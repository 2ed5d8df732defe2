/**
 * The naming convention of Chinese recorders: `DSJ_{device}_{user}_{yyyyMMdd}_{HHmmss}[_IMP][_enc].{extension}`. Pure.
 *
 * De facto, not a standard. Local time of the camera in whole seconds without a zone, so that two files may say the same moment.
 * The user number is what the camera believed; the ledger knows better.
 */

export interface DsjName {
  readonly device: string;
  readonly user: string;
  /** `YYYY-MM-DDThh:mm:ss` as the camera showed it; a date that exists, however absurd (1980 after a full discharge). */
  readonly startedLocal: string;
  readonly important: boolean;
  readonly encrypted: boolean;
}

const pattern =
  /^DSJ_([A-Za-z0-9-]{1,32})_([A-Za-z0-9-]{1,32})_(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})(_IMP)?(_enc)?\.[A-Za-z0-9]{1,5}$/i;

/** What a file name (without folders) says by the convention; undefined where it does not follow it. */
export function parseDsjName(name: string): DsjName | undefined {
  const match = pattern.exec(name);
  if (match === null) return undefined;
  const [, device = '', user = '', year, month, day, hour, minute, second, important, encrypted] = match;
  const startedLocal = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  // Date.parse takes 30 February for 2 March: only what comes back as it went in is a date.
  const parsedMs = Date.parse(`${startedLocal}Z`);
  if (Number.isNaN(parsedMs) || new Date(parsedMs).toISOString() !== `${startedLocal}.000Z`) return undefined;
  return { device, user, startedLocal, important: important !== undefined, encrypted: encrypted !== undefined };
}

/**
 * Whether a path carries the important mark: `_IMP` in the name or a folder `IMP`, in either case. Names that follow no
 * convention count too: a recording taken for important by mistake is kept longer, one taken for unimportant may be lost.
 */
export function hasImportantMark(path: string): boolean {
  const parts = path.split('/');
  const name = parts.pop() ?? '';
  return parts.some((folder) => folder.toUpperCase() === 'IMP') || /_IMP(?:[_.]|$)/i.test(name);
}
