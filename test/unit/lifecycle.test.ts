import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BayInput, type BayState, firstState, type Presence, step } from '../../daemon/bay/lifecycle.js';
import { lightFor } from '../../daemon/bay/lights.js';
import { DockError } from '../../drivers/contract/error.js';
import { verbatim } from '../../drivers/contract/phrase.js';

const seated: Presence = {
  seating: 'seated',
  arrival: '1',
  sideChannel: true,
  volume: 'm1',
  usb: null,
  pending: 'nothing',
};
const gone: Presence = {
  seating: 'empty',
  arrival: '1',
  sideChannel: false,
  volume: null,
  usb: null,
  pending: 'all',
};
const broken = (retry: DockError['retry'], code = 'DOCK_TEST'): DockError =>
  new DockError(code as 'DOCK_TEST', { expected: verbatim('a'), found: verbatim('b'), todo: verbatim('c'), retry });

/** Feeds inputs one after another; every input but `seen` gets the attempt of the state it meets. */
function run(...inputs: readonly (Presence | Exclude<BayInput['input'], 'seen'> | 'to-disk-mode' | BayInput)[]) {
  let state: BayState = firstState;
  const effects: string[] = [];
  for (const one of inputs) {
    let input: BayInput;
    if (typeof one === 'string') {
      const { attempt } = state;
      if (one === 'judged') input = { input: one, attempt, reasons: [], charging: false, retriable: false };
      else if (one === 'to-disk-mode') input = { input: 'inspected', attempt, diskMode: true };
      else if (one === 'inspected') input = { input: one, attempt, diskMode: false };
      else if (one === 'refused' || one === 'failed') input = { input: one, attempt, error: broken('now') };
      else input = { input: one, attempt };
    } else input = 'seating' in one ? { input: 'seen', presence: one, atMs: 0 } : one;
    const next = step(state, input);
    state = next.state;
    effects.push(...next.effects.map(({ effect }) => effect));
  }
  return { state, effects };
}

describe('the life of a bay', () => {
  it('goes from docked to ready, one step after the other', () => {
    const { state, effects } = run(seated, 'identified', 'inspected', 'offloaded', 'cleared', 'judged');
    expect(state.name).toBe('ready');
    expect(effects).toEqual(['dock', 'identify', 'inspect', 'offload', 'clear', 'judge']);
  });

  it('waits for a volume before it identifies', () => {
    const { effects } = run({ ...seated, volume: null, pending: 'all' }, seated);
    expect(effects).toEqual(['dock', 'await-settled', 'abandon', 'identify']);
  });

  it('identifies as soon as its device is known, whose interfaces the kernel shows a moment after it', () => {
    const bare = { ...seated, volume: null, usb: 'u1', pending: 'all' } as const;
    const { effects } = run(bare, bare, { ...bare, pending: 'nothing' });
    expect(effects).toEqual(['dock', 'await-settled', 'abandon', 'identify']);
  });

  it('ends the docking from any state when the camera is taken', () => {
    for (const until of [0, 1, 2, 3, 4, 5]) {
      const steps = (['identified', 'inspected', 'offloaded', 'cleared', 'judged'] as const).slice(0, until);
      const { state, effects } = run(seated, ...steps, gone);
      expect(state.name).toBe('empty');
      expect(effects.at(-1)).toBe('undock');
    }
  });

  it('sees an exchange between two looks as two dockings', () => {
    const { effects } = run(seated, { ...seated, arrival: '2', volume: 'm2' });
    expect(effects).toEqual(['dock', 'identify', 'undock', 'dock', 'identify']);
  });

  it('keeps the docking when only the cradle began to count anew', () => {
    const { effects } = run(seated, 'identified', { ...seated, arrival: '0' });
    expect(effects).toEqual(['dock', 'identify', 'inspect', 'abandon', 'identify']);
  });

  it('ends one docking and begins another when the camera says that it is another one', () => {
    expect(run(seated, 'exchanged').effects).toEqual(['dock', 'identify', 'undock', 'dock', 'identify']);
  });

  it('asks a camera anew whose pins answer late, or over a new connection of the cradle', () => {
    const { state, effects } = run(
      { ...seated, sideChannel: false, pending: 'pins' },
      'settle-over',
      'identified',
      seated,
    );
    expect(state.name).toBe('settling');
    expect(effects).toEqual(['dock', 'await-settled', 'identify', 'inspect', 'abandon', 'identify']);
  });

  it('looks anew within the same docking when the volume goes and comes', () => {
    const { state, effects } = run(
      seated,
      'identified',
      { ...seated, volume: null, pending: 'all' },
      { ...seated, volume: 'm2' },
    );
    expect(state.name).toBe('settling');
    expect(effects).toEqual(['dock', 'identify', 'inspect', 'abandon', 'await-settled', 'abandon', 'identify']);
  });

  it('ignores what an earlier attempt still sends', () => {
    const first = run(seated, 'identified', { ...seated, volume: 'm2' });
    const late = step(first.state, { input: 'inspected', attempt: 1, diskMode: false });
    expect(late).toEqual({ state: first.state, effects: [] });
  });

  it('tries again after a fault that a retry may help, later each time', () => {
    let state = run(seated, 'identified').state;
    const delays: number[] = [];
    for (let tries = 0; tries < 8; tries++) {
      const fault = step(state, { input: 'failed', attempt: state.attempt, error: broken('now') });
      const [effect] = fault.effects;
      if (effect?.effect !== 'retry-later') throw new Error('no retry');
      delays.push(effect.delayMs);
      const due = step(fault.state, { input: 'retry-due', attempt: effect.attempt });
      state = step(due.state, { input: 'identified', attempt: due.state.attempt }).state;
    }
    expect(delays).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  });

  it('does not try again where that cannot help', () => {
    const { state } = run(seated, 'identified');
    expect(step(state, { input: 'failed', attempt: state.attempt, error: broken('never') }).effects).toEqual([]);
  });

  it('charges only while waiting can help', () => {
    const { state } = run(seated, 'identified', 'inspected', 'offloaded', 'cleared');
    const low = { reason: 'battery-low', found: verbatim('12 %'), wanted: verbatim('90 %') } as const;
    const wrong = { reason: 'clock-wrong', found: verbatim('+9.0 s'), wanted: verbatim('± 3 s') } as const;
    const judged = (reasons: readonly (typeof low | typeof wrong)[], charging: boolean) =>
      step(state, { input: 'judged', attempt: state.attempt, reasons, charging, retriable: false }).state.name;
    expect(judged([low], true)).toBe('charging');
    expect(judged([low], false)).toBe('not-ready');
    expect(judged([low, wrong], true)).toBe('not-ready');
  });

  it('clears again, under a light that says so first, what waited on the card (I3)', () => {
    const ready = run(seated, 'identified', 'inspected', 'offloaded', 'cleared', 'judged').state;
    const again = step(ready, { input: 'clear-due', attempt: ready.attempt });
    expect(lightFor(again.state.name, false)).toBe('amber-breathing');
    expect(again.effects).toEqual([{ effect: 'clear', attempt: ready.attempt, noticeMs: 1_000 }]);
    const done = step(again.state, { input: 'cleared', attempt: ready.attempt });
    expect(done.effects.map(({ effect }) => effect)).toEqual(['judge']);
    // Nobody was told to take a camera that is not ready: nothing has to be waited for.
    const low = { reason: 'battery-low', found: verbatim('12 %'), wanted: verbatim('90 %') } as const;
    const judged = {
      input: 'judged',
      attempt: ready.attempt,
      reasons: [low],
      charging: true,
      retriable: false,
    } as const;
    const charging = step(done.state, judged).state;
    expect(charging.name).toBe('charging');
    expect(step(charging, { input: 'clear-due', attempt: ready.attempt }).effects).toMatchObject([{ noticeMs: 0 }]);
  });

  const presences = fc.record<Presence>({
    seating: fc.constantFrom('empty', 'seated', 'not-seated'),
    arrival: fc.constantFrom('1', '2'),
    sideChannel: fc.boolean(),
    volume: fc.constantFrom(null, 'm1', 'm2'),
    usb: fc.constantFrom(null, 'u1', 'u2'),
    pending: fc.constantFrom('all', 'pins', 'nothing'),
  });
  const results = fc.constantFrom(
    'settle-over' as const,
    'identified' as const,
    'inspected' as const,
    'offloaded' as const,
    'cleared' as const,
    'clear-due' as const,
    'judged' as const,
    'refused' as const,
    'failed' as const,
    'retry-due' as const,
    'to-disk-mode' as const,
    'switched' as const,
    'volume-late' as const,
  );
  const stories = fc.array(fc.oneof(presences, results), { maxLength: 60 });

  it('shows green only after everything was done for the camera that sits there (I12)', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const { state, effects } = run(...story);
        if (lightFor(state.name, false) !== 'green-steady') return;
        const last = effects.slice(effects.lastIndexOf('identify'));
        expect(last.slice(0, 4)).toEqual(['identify', 'inspect', 'offload', 'clear']);
        // However often it was cleared: the verdict came after that.
        expect(last.slice(last.lastIndexOf('clear'))[1]).toBe('judge');
      }),
      { numRuns: 3_000 },
    );
  });

  it('never offloads before a camera that has to be switched is back as a volume', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const { effects } = run(...story);
        for (const [at, effect] of effects.entries()) {
          if (effect !== 'switch') continue;
          const next = effects.slice(at + 1).find((one) => one === 'identify' || one === 'offload');
          expect(next).not.toBe('offload');
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('closes every docking it began, and none that it did not begin', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const { effects } = run(...story, gone);
        const doors = effects.filter((effect) => effect === 'dock' || effect === 'undock');
        for (const [index, door] of doors.entries()) expect(door).toBe(index % 2 === 0 ? 'dock' : 'undock');
        expect(doors.length % 2).toBe(0);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('a camera on the USB', () => {
  const ptp: Presence = {
    seating: 'seated',
    arrival: '1',
    sideChannel: false,
    volume: null,
    usb: 'u1',
    pending: 'nothing',
  };
  const away: Presence = { ...ptp, usb: null, pending: 'all' };

  /** Looks at these times; every step that is begun ends at once. */
  function looks(story: readonly (readonly [atMs: number, presence: Presence])[]) {
    let state: BayState = firstState;
    const effects: string[] = [];
    const delays: number[] = [];
    const outcomes = { identify: 'identified', offload: 'offloaded', clear: 'cleared' } as const;
    const next = (input: BayInput): void => {
      const done = step(state, input);
      state = done.state;
      for (const effect of done.effects) {
        effects.push(effect.effect);
        if (effect.effect === 'retry-later') delays.push(effect.delayMs);
        else if (effect.effect === 'judge') {
          next({ input: 'judged', attempt: effect.attempt, reasons: [], charging: false, retriable: false });
        } else if (effect.effect === 'inspect') {
          next({ input: 'inspected', attempt: effect.attempt, diskMode: false });
        } else if (effect.effect in outcomes && 'attempt' in effect) {
          next({ input: outcomes[effect.effect as keyof typeof outcomes], attempt: effect.attempt });
        }
      }
    };
    for (const [atMs, presence] of story) next({ input: 'seen', presence, atMs });
    return { state: state as BayState, effects, delays };
  }

  it('is identified without a volume, as soon as its device is there', () => {
    expect(looks([[0, ptp]])).toMatchObject({
      state: { name: 'ready' },
      effects: ['dock', 'identify', 'inspect', 'offload', 'clear', 'judge'],
    });
  });

  it('that enumerates anew within its stay is looked at anew, and has not left', () => {
    const { state, effects } = looks([
      [0, ptp],
      [5_000, away],
      [7_000, { ...ptp, usb: 'u2' }],
    ]);
    expect(state.name).toBe('ready');
    expect(effects.filter((effect) => effect === 'dock' || effect === 'undock')).toEqual(['dock']);
    expect(effects.filter((effect) => effect === 'identify')).toHaveLength(2);
  });

  it('that has lost its contact is not green, and is not asked before it has it again (I12)', () => {
    const lost = looks([
      [0, ptp],
      [5_000, { ...away, seating: 'not-seated' }],
    ]);
    expect(lost.state.name).toBe('settling');
    expect(lost.effects.slice(-1)).toEqual(['abandon']);
    const back = step(lost.state, { input: 'seen', presence: { ...away, seating: 'seated' }, atMs: 6_000 });
    expect(back.effects.map(({ effect }) => effect)).toEqual(['abandon', 'await-settled']);
  });

  it('that enumerates anew each second is soon looked at no more, until it is calm', () => {
    const story = Array.from(
      { length: 3_600 },
      (_, second) => [second * 1_000, { ...ptp, usb: `u${second}` }] as const,
    );
    const { state, effects, delays } = looks(story);
    expect(effects.filter((effect) => effect === 'inspect').length).toBeLessThanOrEqual(7);
    expect(effects.filter((effect) => effect === 'dock' || effect === 'undock')).toEqual(['dock']);
    expect(state).toMatchObject({ name: 'faulty', error: { code: 'DOCK_CAMERA_RESTLESS' } });
    expect(delays.at(-1)).toBe(300_000);
    const calm = step(state, { input: 'retry-due', attempt: state.attempt });
    expect(calm.effects.map(({ effect }) => effect)).toEqual(['abandon', 'identify']);
  });

  it('may change its mode and be plugged again as cameras are, hour after hour', () => {
    const story = Array.from({ length: 48 }, (_, times) => [times * 1_800_000, { ...ptp, usb: `u${times}` }] as const);
    expect(looks(story).state.name).toBe('ready');
  });

  it('keeps its docking when only the cradle began to count anew', () => {
    const { effects } = looks([
      [0, ptp],
      [1_000, { ...ptp, arrival: '0' }],
    ]);
    expect(effects.filter((effect) => effect === 'dock' || effect === 'undock')).toEqual(['dock']);
  });
});

describe('a camera that has to be switched to disk mode', () => {
  const control: Presence = {
    seating: 'seated',
    arrival: '1',
    sideChannel: false,
    volume: null,
    usb: 'e1',
    pending: 'nothing',
  };
  const off: Presence = { ...control, usb: null, pending: 'all' };
  const disk: Presence = { ...off, usb: 'e2' };
  const back: Presence = { ...disk, volume: 'm1', pending: 'nothing' };

  it('goes from a control interface to a volume within one docking, and is offloaded only then', () => {
    const { state, effects } = run(
      control,
      ...(['identified', 'to-disk-mode', 'switched'] as const),
      ...[off, disk, back],
      ...(['identified', 'inspected', 'offloaded', 'cleared', 'judged'] as const),
    );
    expect(state.name).toBe('ready');
    const before = ['dock', 'identify', 'inspect', 'switch', 'await-volume', 'abandon'];
    expect(effects).toEqual([...before, 'identify', 'inspect', 'offload', 'clear', 'judge']);
  });

  it('is taken when it is back before it was heard to agree', () => {
    const { state, effects } = run(control, 'identified', 'to-disk-mode', off, back);
    expect(state.name).toBe('settling');
    expect(effects.slice(-3)).toEqual(['switch', 'abandon', 'identify']);
  });

  it('stays amber on its way, and ends its docking when it is taken there', () => {
    for (const seen of [[], [off], [off, disk], [{ ...off, seating: 'not-seated' } as const]]) {
      const way = run(control, 'identified', 'to-disk-mode', 'switched', ...seen);
      expect(lightFor(way.state.name, false)).toBe('amber-breathing');
      const { state, effects } = run(control, 'identified', 'to-disk-mode', ...seen, gone);
      expect(state.name).toBe('empty');
      expect(effects.at(-1)).toBe('undock');
    }
  });

  it('is not taken for back by the volume that was there before', () => {
    const stale: Presence = { ...control, volume: 'm0' };
    const waiting = run(stale, 'identified', 'to-disk-mode', 'switched', { ...off, volume: 'm0' });
    expect(waiting.state.name).toBe('switching');
    expect(run(stale, 'identified', 'to-disk-mode', 'switched', back).state.name).toBe('settling');
  });

  it('is a named fault when it does not come back, and is tried again only where its device is there', () => {
    const lost = run(control, 'identified', 'to-disk-mode', 'switched', off, 'volume-late');
    expect(lost.state).toMatchObject({
      name: 'faulty',
      error: { code: 'DOCK_CAMERA_NOT_BACK', retry: 'after-redocking' },
    });
    expect(lost.effects.at(-1)).toBe('await-volume');
    const there = run(control, 'identified', 'to-disk-mode', 'switched', 'volume-late');
    expect(there.state).toMatchObject({ name: 'faulty', error: { code: 'DOCK_CAMERA_NOT_BACK', retry: 'now' } });
    expect(there.effects.at(-1)).toBe('retry-later');
    // However late: its volume is its volume.
    expect(run(control, 'identified', 'to-disk-mode', 'switched', off, 'volume-late', back).state.name).toBe(
      'settling',
    );
  });

  it('and is exchanged on its way is two dockings', () => {
    const { effects } = run(control, 'identified', 'to-disk-mode', 'switched', off, { ...disk, arrival: '2' });
    expect(effects.slice(-3)).toEqual(['undock', 'dock', 'await-settled']);
  });

  it('does not become restless by doing what it was told', () => {
    const switched = run(control, 'identified', 'to-disk-mode', 'switched', off, disk, back);
    expect(switched.state).toMatchObject({ name: 'settling', restless: { level: 0 } });
  });

  it('stays amber when a step meets its device gone, and is a fault when that goes on', () => {
    const error = broken('after-redocking', 'DOCK_USB_GONE');
    let { state } = run(control, 'identified');
    for (let times = 1; times <= 6; times++) {
      state = step(state, { input: 'failed', attempt: state.attempt, error }).state;
      expect(lightFor(state.name, false)).toBe('amber-breathing');
    }
    expect(step(state, { input: 'failed', attempt: state.attempt, error }).state).toMatchObject({
      name: 'faulty',
      error,
    });
  });

  it('stays amber when a step meets its volume gone, asks again once that had its time to be seen, and is a fault when that goes on', () => {
    const error = broken('after-redocking', 'DOCK_VOLUME_GONE');
    let { state } = run(back, 'identified');
    for (let times = 1; times <= 6; times++) {
      const met = step(state, { input: 'failed', attempt: state.attempt, error });
      expect(lightFor(met.state.name, false)).toBe('amber-breathing');
      expect(met.effects.map(({ effect }) => effect)).toEqual(['abandon', 'await-settled']);
      expect(step(met.state, { input: 'seen', presence: disk, atMs: 0 }).state.attempt).toBeGreaterThan(
        met.state.attempt,
      );
      const asked = step(met.state, { input: 'settle-over', attempt: met.state.attempt });
      expect(asked.effects.map(({ effect }) => effect)).toEqual(['identify']);
      state = asked.state;
    }
    expect(step(state, { input: 'failed', attempt: state.attempt, error }).state).toMatchObject({
      name: 'faulty',
      error,
    });
  });
});
