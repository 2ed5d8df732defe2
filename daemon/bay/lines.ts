/** Which cradles share a line. Pure. */
import type { Config } from '../../config/schema.js';

type Cradles = Config['cradles'];

/** What tells one line from another. */
export function lineKey(line: Cradles[number]['line']): string {
  if ('serial' in line) return `serial ${line.serial}`;
  return 'tcp' in line ? `tcp ${line.tcp}` : `usb ${line.leds}`;
}

/** The cradles by line, in the order of the configuration. */
export function linesOf(cradles: Cradles): readonly Cradles[] {
  const lines = new Map<string, Cradles>();
  for (const cradle of cradles) {
    const key = lineKey(cradle.line);
    lines.set(key, [...(lines.get(key) ?? []), cradle]);
  }
  return [...lines.values()];
}
