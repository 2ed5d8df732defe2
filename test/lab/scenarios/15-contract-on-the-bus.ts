/**
 * The contract of camera families, held against simulated cameras on a real bus: through libusb, and by the disk that the kernel makes of a camera.
 * And what a PTP session makes of a camera that is told to misbehave there.
 */
import { assert, type Scenario } from '../scenario.js';

export const scenario: Scenario = {
  title: 'the contract of camera families holds on the bus: mass storage, PTP, Ambarella, JieLi; also with bad manners',
  async run(lab) {
    const gadgets = await lab.gadgets();
    await gadgets.sendRunner();
    await lab.machine.ok('systemctl stop custodock');
    const { status, output } = await gadgets.runTests('test/lab/bus');
    // The guest has no sources, and vitest says so of each file.
    const said = output.split('\n').filter((line) => !line.startsWith('Sourcemap for'));
    lab.note(said.slice(-400).join('\n'));
    assert.equal(status, 0, 'the contract suite in the guest');
  },
};
