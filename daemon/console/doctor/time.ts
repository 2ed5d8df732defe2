/** Whether the dock's own clock can be believed: without that no camera is set, and none is ready (I6). */
import type { Config } from '../../../config/schema.js';
import { judgeClock } from '../../clock/trust.js';
import { gatherTrustEvidence } from '../../clock/trust-evidence.js';
import { say } from '../../language/messages.js';
import { translated } from '../../language/phrases.js';
import { type Check, type Finding, fail, ok, type Patient, usualDeadlineMs } from './check.js';

export function clockCheck(config: Config): Check {
  return { what: 'clock', area: 'software', deadlineMs: usualDeadlineMs, run: (patient) => trusted(config, patient) };
}

async function trusted({ clock: rules, dock }: Config, { clock, language }: Patient): Promise<Finding> {
  const nowMs = clock.wallMs();
  const trust = judgeClock(await gatherTrustEvidence(rules.trust, dock.stateDir), rules, nowMs);
  const found = `${new Date(nowMs).toISOString()}${language === 'en' ? '; ' : '；'}${translated(language, trust.detail)}${trust.errorMs === null ? '' : language === 'en' ? ` (± ${trust.errorMs} ms)` : `（± ${trust.errorMs} ms）`}`;
  return trust.trusted ? ok(found) : fail(found, say(language, 'doctor.clock.todo'));
}
