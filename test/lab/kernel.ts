/**
 * Whether the guest's own kernel has failed, by what it said on its console.
 *
 * A dock has no dummy_hcd, and that driver has a race (decision 0120): after it anything may happen in the guest, and none of it says anything
 * of the dock. So whoever waits for the guest is told at once, instead of after an hour, and in the kernel's words.
 */

/** Memory that was not the kernel's, or the end of it. */
const broken = /Oops:|general protection fault|Kernel panic/;
/** A processor that has stood still for more than 20 s. Under emulation one may do that for once; the kernel says it again, a minute later, of one that stays so. */
const still = /rcu: INFO: .* detected stalls|soft lockup/;

export class KernelFailed extends Error {
  override readonly name = 'KernelFailed';

  constructor(said: string) {
    super(`the guest's kernel failed: ${said}`);
  }
}

/** The line that says so. */
export function kernelFailure(console: string): string | undefined {
  const lines = console.split('\n').map((line) => line.trim());
  return lines.find((line) => broken.test(line)) ?? lines.filter((line) => still.test(line))[1];
}
