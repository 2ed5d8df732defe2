/** Whatever comes and goes, and whatever of it is heard late: the camera that sits there in the end has been looked at as it sits there (I8). */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type BayEffect,
  type BayInput,
  type BayState,
  firstState,
  type Presence,
  step,
} from '../../daemon/bay/lifecycle.js';
import { DockError } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';

const fault = (code: string, retry: 'now' | 'after-redocking'): DockError =>
  new DockError(code as 'DOCK_VOLUME_GONE', {
    expected: verbatim('it'),
    found: verbatim('none'),
    todo: verbatim('Wait'),
    retry,
  });

const presences: fc.Arbitrary<Presence> = fc
  .record({
    seating: fc.constantFrom('seated', 'seated', 'seated', 'not-seated', 'empty' as const),
    arrival: fc.constantFrom('1/1', '1/2'),
    sideChannel: fc.boolean(),
    volume: fc.constantFrom(null, null, 'm1', 'm2'),
    usb: fc.constantFrom(null, 'e1', 'e2'),
    described: fc.boolean(),
  })
  .map(({ described, ...shown }) => ({
    ...shown,
    pending:
      shown.volume === null && !(shown.usb !== null && described) ? 'all' : shown.sideChannel ? 'nothing' : 'pins',
  }));

type Act =
  | { readonly act: 'seen'; readonly presence: Presence }
  | { readonly act: 'ends'; readonly how: 'well' | 'gone' | 'usb-gone' | 'late' | 'refused' }
  | { readonly act: 'timer' };

const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ act: fc.constant('seen' as const), presence: presences }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('ends' as const),
      how: fc.constantFrom('well', 'gone', 'usb-gone', 'late', 'refused' as const),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ act: 'timer' as const }) },
);

/** What `bay.ts` does with effects, one step at a time. */
class Model {
  state: BayState = firstState;
  steps: { readonly name: string; readonly attempt: number; aborted: boolean; sighting?: Presence | undefined }[] = [];
  timers: BayInput[] = [];
  looked: Presence | undefined;
  #seen: Presence | undefined;

  give(input: BayInput): void {
    const { state, effects } = step(this.state, input);
    this.state = state;
    for (const effect of effects) this.#perform(effect);
  }

  see(presence: Presence): void {
    if (JSON.stringify(presence) === JSON.stringify(this.#seen)) return;
    this.#seen = presence;
    this.give({ input: 'seen', presence, atMs: 0 });
    this.#begin();
  }

  /** The first step that was not abandoned ends. */
  end(how: (Act & { act: 'ends' })['how']): boolean {
    const current = this.steps.shift();
    if (current === undefined) return false;
    if (!current.aborted) {
      const { attempt } = current;
      if (how === 'late') this.give({ input: 'failed', attempt, error: fault('DOCK_USB_TIMEOUT', 'now') });
      else if (how === 'gone')
        this.give({ input: 'failed', attempt, error: fault('DOCK_VOLUME_GONE', 'after-redocking') });
      else if (how === 'usb-gone') this.give({ input: 'failed', attempt, error: fault('DOCK_USB_GONE', 'now') });
      else if (how === 'refused' && current.name === 'identify')
        this.give({ input: 'refused', attempt, error: fault('DOCK_CAMERA_UNKNOWN', 'after-redocking') });
      else if (current.name === 'identify') this.give({ input: 'identified', attempt });
      else if (current.name === 'inspect') this.give({ input: 'inspected', attempt, diskMode: false });
      else if (current.name === 'offload') this.give({ input: 'offloaded', attempt });
      else if (current.name === 'clear') this.give({ input: 'cleared', attempt });
      else this.give({ input: 'judged', attempt, reasons: [], charging: false, retriable: false });
    }
    this.#begin();
    return true;
  }

  fire(): boolean {
    const input = this.timers.shift();
    if (input === undefined) return false;
    this.give(input);
    this.#begin();
    return true;
  }

  #begin(): void {
    while (this.steps[0]?.aborted === true && this.steps[0].sighting === undefined) this.steps.shift();
    const first = this.steps[0];
    if (first === undefined || first.sighting !== undefined) return;
    first.sighting = this.state.name === 'empty' ? undefined : this.state.presence;
    if (first.name === 'identify') this.looked = first.sighting;
  }

  #perform(effect: BayEffect): void {
    switch (effect.effect) {
      case 'abandon':
      case 'undock':
        for (const one of this.steps) one.aborted = true;
        this.timers = [];
        return;
      case 'dock':
        return;
      case 'await-settled':
        this.timers.push({ input: 'settle-over', attempt: effect.attempt });
        return;
      case 'retry-later':
        this.timers.push({ input: 'retry-due', attempt: effect.attempt });
        return;
      case 'await-volume':
        this.timers.push({ input: 'volume-late', attempt: effect.attempt });
        return;
      default:
        this.steps.push({ name: effect.effect, attempt: effect.attempt, aborted: false });
    }
  }
}

/** What was looked at last when everything has come to rest under this camera. */
function lookedAt(story: readonly Act[], last: Presence): Presence | undefined {
  const model = new Model();
  for (const act of story) {
    if (act.act === 'seen') model.see(act.presence);
    else if (act.act === 'ends') model.end(act.how);
    else model.fire();
  }
  model.see({ ...last, seating: 'seated' });
  for (let turn = 0; turn < 40 && (model.end('well') || model.fire()); turn += 1);
  return model.looked;
}

it('a camera is looked at as it is in the end', () => {
  fc.assert(
    fc.property(fc.array(acts, { maxLength: 40 }), presences, (story, last) => {
      const looked = lookedAt(story, last);
      expect([looked?.volume, looked?.usb]).toEqual([last.volume, last.usb]);
    }),
    { numRuns: 3_000 },
  );
});

it('a camera whose volume goes while it is asked is asked again, though its pins still do not answer', () => {
  const before: Presence = {
    seating: 'seated',
    arrival: '1/1',
    sideChannel: false,
    volume: 'm1',
    usb: 'e1',
    pending: 'pins',
  };
  const story: readonly Act[] = [{ act: 'seen', presence: before }, { act: 'timer' }];
  const now = { ...before, volume: null };
  const meanwhile: readonly Act[] = [
    { act: 'seen', presence: now },
    { act: 'ends', how: 'gone' },
  ];
  expect(lookedAt([...story, ...meanwhile], now)).toEqual(now);
});
