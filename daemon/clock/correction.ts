/** Corrected times of recordings: pure arithmetic on measured offsets (D9). */

/** How wrong a camera's clock was while it recorded. */
export interface ClockCorrection {
  /** Camera minus dock when it was measured now, before setting, ms. */
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
  /** When that was, wall clock of the dock, ms. */
  readonly measuredAtMs: number;
  /**
   * The residual that was left when the clock was last set, and when: between the two the error is interpolated.
   * Null when this dock never set it: the present offset is taken for the whole time and the error bound says so.
   */
  readonly lastSet: { readonly atMs: number; readonly offsetMs: number; readonly uncertaintyMs: number } | null;
}
