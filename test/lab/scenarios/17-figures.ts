/**
 * How fast it is on a real bus: plugged in to what the bay says of it, with hints of the kernel and without; recordings over PTP against the
 * bare bus; how long an interrupted transfer takes to go on. Under TCG all of it is far slower than on a dock: ratios count, times bound.
 *
 * Against the bare bus it is measured at two speeds. At high speed two processors without KVM are the limit, and camera, kernel and dock share
 * them: that figure is for the note. At full speed (12 Mbit/s) the bus is the limit, as it is on a dock, and the budget holds.
 */
import { segments } from '../../../drivers/simulated/card.js';
import { type Gadgets, smallCards, withoutPins } from '../gadgets.js';
import { assert, type Lab, type Scenario } from '../scenario.js';

const recordingBytes = 60_000_000;
const slowRecordingBytes = 12_000_000;
/** Budgets of the issue. */
const shareOfBareBus = 0.8;
const eventWithinMs = 2_000;
const eventMutedWithinMs = 5_000;
const recoveredWithinMs = 10_000;
/** PTP GetPartialObject64. */
const getPartialObject64 = 0x95c1;

export const scenario: Scenario = {
  title: 'figures on the bus: plug to bay event with and without hints, PTP against the bare bus, recovery',
  async run(lab) {
    const gadgets = await lab.gadgets();
    await gadgets.card('/root/large', 'C0001', segments('2026-11-20T09:00:00', 1, recordingBytes));
    await gadgets.card('/root/small', 'C0002', segments('2026-11-20T09:00:00', 1, 10_000));
    await gadgets.card('/root/slow', 'C0003', segments('2026-11-20T09:00:00', 1, slowRecordingBytes));
    await gadgets.start(0, { kind: 'ptp', card: '/root/large', serial: 'C0001', batteryPercent: 99 });
    await gadgets.start(1, { kind: 'ptp', card: '/root/small', serial: 'C0002', batteryPercent: 99 });
    const slow = { kind: 'ptp', card: '/root/slow', serial: 'C0003', batteryPercent: 99, speed: 'full-speed' } as const;
    await gadgets.start(2, slow);
    const [bareFast, bareSlow] = [await bareBus(lab, gadgets, 0), await bareBus(lab, gadgets, 2)];
    await lab.configured(smallCards);
    const share = await shareOfBus(lab, gadgets, 2, slowRecordingBytes, bareSlow);
    lab.cradle.remove(3);
    await gadgets.unplug(2);
    await shareOfBus(lab, gadgets, 0, recordingBytes, bareFast);
    assert.ok(share >= shareOfBareBus, `at full speed ${share.toFixed(2)} of the bare bus`);
    await recovery(lab, gadgets);
    lab.withoutCradle();
    await lab.configure(smallCards);
    await lab.machine.ok('systemctl restart custodock');
    await lab.machine.until('custodock status --json >/dev/null', 120_000);
    await plugs(lab, gadgets, 'with hints', eventWithinMs);
    // Nobody may watch a folder any more: the timer alone does the looking.
    await lab.machine.ok('sysctl -q fs.inotify.max_user_watches=0; systemctl restart custodock');
    await plugs(lab, gadgets, 'muted', eventMutedWithinMs);
  },
};

interface Traffic {
  readonly bytes: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly longestPauseMs: number;
}

async function trafficOf(gadgets: Gadgets, bus: number): Promise<Traffic> {
  return (await gadgets.state(bus))['traffic'] as Traffic;
}

/** A recording of this camera by bulk transfers alone, before the dock looks at it, MB/s. */
async function bareBus(lab: Lab, gadgets: Gadgets, bus: number): Promise<number> {
  await gadgets.plug(bus);
  await lab.machine.until(`grep -q PTP /sys/bus/usb/devices/${gadgets.ports[bus]}/product`, 60_000);
  const { bytes, ms } = await gadgets.rawRead(bus);
  await gadgets.unplug(bus);
  return bytes / ms / 1_000;
}

/**
 * The same recording from the same camera through the dock into the archive, from the beginning of the offload to its entry, with hashing and
 * read-back: what share of the bare bus that is.
 */
async function shareOfBus(lab: Lab, gadgets: Gadgets, bus: number, bytes: number, bare: number): Promise<number> {
  const bay = `1-${bus + 1}`;
  lab.cradle.insert(bus + 1, withoutPins);
  await gadgets.plug(bus);
  await lab.light(bus + 1, 'green-steady');
  const { lastMs } = await trafficOf(gadgets, bus);
  const begins = `journalctl -o short-unix -u custodock BAY=${bay} | grep -m1 'Offload begins'`;
  const beganMs = Number((await lab.machine.ok(begins)).split(' ')[0]) * 1_000;
  const entry = (await lab.entered('recording.offloaded')).find((one) => one.body['bay'] === bay);
  const rateTo = (untilMs: number): number => bytes / (untilMs - beganMs) / 1_000;
  const proved = rateTo(Date.parse(entry?.time.utc ?? ''));
  lab.note(
    `bus ${bus}: bare ${bare.toFixed(2)} MB/s; PTP ${rateTo(lastMs).toFixed(2)} MB/s (${(rateTo(lastMs) / bare).toFixed(2)} of it); ` +
      `to the ledger entry, hashed and read back, ${proved.toFixed(2)} MB/s (${(proved / bare).toFixed(2)} of it)`,
  );
  return proved / bare;
}

/** The IN endpoint halts in the middle of a recording, once. */
async function recovery(lab: Lab, gadgets: Gadgets): Promise<void> {
  for (const kind of ['stall', 'cut', 'silent']) {
    const { machine } = lab;
    lab.cradle.remove(1);
    await gadgets.unplug(0);
    await lab.light(1, 'off');
    await machine.ok(`one=$(find /root/large -name '*.mp4' | head -n 1); cp "$one" "$(dirname "$one")/${kind}.mp4"`);
    lab.cradle.insert(1, withoutPins);
    await gadgets.misbehave(0, { operation: getPartialObject64, mishap: { kind, times: 1, afterBytes: 100_000 } });
    await gadgets.plug(0);
    await trafficOf(gadgets, 0);
    await lab.light(1, 'green-steady');
    const { longestPauseMs } = await trafficOf(gadgets, 0);
    lab.note(`after '${kind}' in mid-transfer bytes went on within ${longestPauseMs} ms`);
    assert.ok(longestPauseMs <= recoveredWithinMs, `'${kind}': ${longestPauseMs} ms`);
  }
}

/** From plugged in to the first word of the bay in the journal. */
async function plugs(lab: Lab, gadgets: Gadgets, how: string, mostMs: number): Promise<void> {
  const { machine, options } = lab;
  const tookMs: number[] = [];
  for (let n = 0; n < options.pulls; n += 1) {
    const atMs = await gadgets.plug(1);
    const since = `--since=@${(atMs / 1_000).toFixed(3)}`;
    const line = await machine.until(
      `journalctl -o short-unix -u custodock BAY=1-2 ${since} | grep -m1 custodock`,
      60_000,
    );
    tookMs.push(Number(line.split(' ')[0]) * 1_000 - atMs);
    await gadgets.unplug(1);
    await machine.until(`custodock status --json | grep -o '"bay":"1-2","state":"[a-z]*"' | grep -q empty`, 60_000);
  }
  tookMs.sort((one, other) => one - other);
  const at = (share: number): number => tookMs[Math.min(tookMs.length - 1, Math.floor(share * tookMs.length))] ?? 0;
  lab.note(
    `plug to bay event ${how}: p50 ${at(0.5).toFixed(0)} ms, p99 ${at(0.99).toFixed(0)} ms, of ${tookMs.length}`,
  );
  assert.ok(at(0.99) <= mostMs, `plug to bay event ${how}: ${at(0.99)} ms`);
}
