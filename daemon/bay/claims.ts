/**
 * Which bay has which camera: two that claim one identity are not the same camera, and neither may pass for the other. But only who was
 * seen in two places at once is two: a camera that was moved out of a bay which nobody can see is still one (I8, decision 0073).
 */
import { type Clock, sleep } from '../../drivers/contract/clock.js';
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';

/** What is known of the camera of one bay by one that claims its identity in another. */
export type Whereabouts =
  /** It was seen there since the other came: they are two. */
  | 'there'
  /** Nobody can see that bay, or it is one of a hub that waits whether its camera comes back, and the camera's volume or device has gone from it. */
  | 'left'
  /** That bay was not seen since. */
  | 'unknown';

/** One bay's claim to an identity. */
export interface Claim {
  readonly bay: string;
  /** Of the volume that the camera had when it said who it is; null: it had none. */
  readonly mountId: string | null;
  /** Of its USB device at that time; null: none was seen. */
  readonly enumeration: string | null;
}

export interface OtherBays {
  whereabouts(held: Claim, claimant: string): Whereabouts;
  /** The camera of this bay has turned up in another. */
  hasLeft(holder: string): void;
}

/** A cradle that works is read several times in this time, ms: who moves a camera quickly need not see a fault. */
const nextLookWithinMs = 1_500;
const lookEveryMs = 100;

export class CameraClaims {
  readonly #heldBy = new Map<string, Claim>();

  /**
   * Takes the identity for this bay. While another bay has it throws DOCK_CAMERA_TWIN, or DOCK_CAMERA_ELSEWHERE as long as nobody knows
   * whether it still has.
   */
  claim(camera: string, claim: Claim, others: OtherBays): void {
    const held = this.#heldByOther(camera, claim);
    if (held !== undefined) {
      const whereabouts = others.whereabouts(held, claim.bay);
      if (whereabouts === 'there') throw twin(camera, claim.bay, held.bay);
      if (whereabouts === 'unknown') throw elsewhere(camera, held.bay);
      others.hasLeft(held.bay);
    }
    this.release(claim.bay);
    this.#heldBy.set(camera, claim);
  }

  /** As `claim`, but waits for the next look at the bay that had the camera last. `signal`: it was taken out of the one that claims it. */
  async claimWhenSeen(
    camera: string,
    claim: Claim,
    others: OtherBays,
    clock: Clock,
    signal: AbortSignal,
  ): Promise<void> {
    const untilMs = clock.monotonicMs() + nextLookWithinMs;
    while (this.#isUnknown(camera, claim, others) && clock.monotonicMs() < untilMs) {
      await sleep(clock, 'bay.claim', lookEveryMs, signal);
    }
    // What the bay held was released when its camera was taken: a claim after that would stay for ever.
    signal.throwIfAborted();
    this.claim(camera, claim, others);
  }

  release(bay: string): void {
    for (const [camera, held] of this.#heldBy) if (held.bay === bay) this.#heldBy.delete(camera);
  }

  #isUnknown(camera: string, claim: Claim, others: OtherBays): boolean {
    const held = this.#heldByOther(camera, claim);
    return held !== undefined && others.whereabouts(held, claim.bay) === 'unknown';
  }

  #heldByOther(camera: string, { bay }: Claim): Claim | undefined {
    const held = this.#heldBy.get(camera);
    return held?.bay === bay ? undefined : held;
  }
}

function twin(camera: string, bay: string, holder: string): DockError {
  return new DockError('DOCK_CAMERA_TWIN', {
    expected: phrase`camera ${camera} in one bay`,
    found: phrase`it is in bay ${holder} already, and bay ${bay} claims it too`,
    todo: phrase`Take both out and give one of them an identity of its own`,
    retry: 'after-redocking',
  });
}

function elsewhere(camera: string, holder: string): DockError {
  return new DockError('DOCK_CAMERA_ELSEWHERE', {
    expected: phrase`camera ${camera} in one bay`,
    found: phrase`bay ${holder} had it last and has not been seen since`,
    todo: phrase`See to the cradle of bay ${holder}; if a camera is in that bay, take it out`,
    retry: 'now',
  });
}
