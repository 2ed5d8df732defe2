import { describe, expect, it } from 'vitest';
import { kernelFailure } from '../lab/kernel.js';

const pulled = `[  210.261737] device offline error, dev sda, sector 0 op 0x1:(WRITE) flags 0x800 phys_seg 0 prio class 2
[  210.269621] Buffer I/O error on dev sda, logical block 1, lost sync page write
[  222.585761] Aborting journal on device sda-8.`;
const still = (atS: number): string => `[ ${atS}] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
[ ${atS}] rcu: \t0-...0: (30 ticks this GP) idle=a3f4/1/0x4000000000000000 softirq=43013/43014 fqs=1043`;

describe('a failure of the guest’s own kernel', () => {
  it('is not what a kernel says of a card that was pulled', () => {
    expect(kernelFailure(pulled)).toBeUndefined();
  });

  it('is not a processor that stood still once, as an emulated one may', () => {
    expect(kernelFailure(`${pulled}\n${still(308.3)}`)).toBeUndefined();
  });

  it('is a processor that still stands still a minute later', () => {
    expect(kernelFailure(`${still(308.3)}\n${still(371.3)}`)).toContain('371.3');
  });

  it.each([
    ['[  12.1] Oops: 0002 [#1] PREEMPT SMP NOPTI'],
    ['[  12.1] general protection fault, probably for non-canonical address 0xdead000000000122: 0000 [#1]'],
    ['[  12.1] Kernel panic - not syncing: Fatal exception in interrupt'],
  ])('is %s', (line) => {
    expect(kernelFailure(`${pulled}\r\n${line}\r\n`)).toBe(line);
  });
});
