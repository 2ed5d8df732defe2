/** The contract of camera families, held by the families through libusb against simulated cameras on a real bus. */
import { assert, type Scenario } from '../scenario.js';

export const scenario: Scenario = {
  title: 'the contract of camera families holds on the bus: PTP, PTP with bad manners, Ambarella, JieLi',
  async run(lab) {
    const gadgets = await lab.gadgets();
    await gadgets.sendRunner();
    await lab.machine.ok('systemctl stop custodock');
    const { status, output } = await gadgets.runTests('test/lab/bus');
    lab.note(output.split('\n').slice(-400).join('\n'));
    assert.equal(status, 0, 'the contract suite in the guest');
  },
};
