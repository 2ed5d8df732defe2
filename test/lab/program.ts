/** Programs of the host that the lab calls. */
import { spawnSync } from 'node:child_process';

/** Its output; throws with what it said when it fails. */
export function run(program: string, args: readonly string[], input?: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    ...(input === undefined ? {} : { input }),
  });
  if (status === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? `${status}: ${stderr.slice(-2_000)}`}`);
}
