/** How lines for people are to look. */
import type { Language } from '../language/messages.js';

export interface Look {
  readonly language: Language;
  /** Width of the screen. */
  readonly columns: number;
  /** Its height; absent: as many as it takes. */
  readonly rows?: number;
  /** IANA zone that times are shown in. */
  readonly timeZone: string;
  /** Lights as symbols (terminal) or in words (file). */
  readonly symbols: boolean;
}
