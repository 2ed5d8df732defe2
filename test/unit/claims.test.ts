/** Who has which identity, and who is told that somebody else has it (I8, I11). */
import { describe, expect, it } from 'vitest';
import { CameraClaims, type Claim, type OtherBays, type Whereabouts } from '../../daemon/bay/claims.js';
import { VirtualClock } from '../support/virtual-clock.js';

describe('two cameras with one identity', () => {
  const others = (whereabouts: Whereabouts, left: string[] = []): OtherBays => ({
    whereabouts: () => whereabouts,
    hasLeft: (holder) => void left.push(holder),
  });
  const bay = (name: string): Claim => ({ bay: name, mountId: null, enumeration: null });

  it('refuses the second and leaves the first', () => {
    const claims = new CameraClaims();
    claims.claim('C1', bay('1-1'), others('there'));
    expect(() => claims.claim('C1', bay('1-2'), others('there'))).toThrow('DOCK_CAMERA_TWIN');
    claims.claim('C1', bay('1-1'), others('there'));
    claims.release('1-1');
    claims.claim('C1', bay('1-2'), others('there'));
  });

  it('asks again while nobody knows whether they are two', () => {
    const claims = new CameraClaims();
    claims.claim('C1', bay('1-1'), others('unknown'));
    expect(() => claims.claim('C1', bay('2-1'), others('unknown'))).toThrow('DOCK_CAMERA_ELSEWHERE');
  });

  it('lets the other bay know that its camera has turned up', () => {
    const claims = new CameraClaims();
    const left: string[] = [];
    claims.claim('C1', bay('1-1'), others('left'));
    claims.claim('C1', bay('2-1'), others('left', left));
    expect(left).toEqual(['1-1']);
    expect(() => claims.claim('C1', bay('1-1'), others('there'))).toThrow('DOCK_CAMERA_TWIN');
  });

  it('waits for the next look at the other bay before it says anything', async () => {
    const claims = new CameraClaims();
    const clock = new VirtualClock();
    let looks: Whereabouts = 'unknown';
    const watched: OtherBays = { ...others('unknown'), whereabouts: () => looks };
    claims.claim('C1', bay('1-1'), watched);
    const claimed = claims.claimWhenSeen('C1', bay('2-1'), watched, clock, new AbortController().signal);
    const refused = expect(claimed).rejects.toThrow('DOCK_CAMERA_TWIN');
    await clock.advance(500);
    looks = 'there';
    await clock.advance(500);
    await refused;
  });

  it('claims nothing for a camera that was taken while it said who it is', async () => {
    const claims = new CameraClaims();
    const taken = AbortSignal.abort(new Error('taken'));
    await expect(claims.claimWhenSeen('C1', bay('1-1'), others('there'), new VirtualClock(), taken)).rejects.toThrow(
      'taken',
    );
    claims.claim('C1', bay('1-2'), others('there'));
  });
});
