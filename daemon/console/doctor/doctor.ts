/** All checks of the doctor in the order in which a technician goes: first what explains the rest. */
import { checkConfig } from '../../../config/check.js';
import { isExample } from '../../../config/example.js';
import type { Config } from '../../../config/schema.js';
import { describeError } from '../../language/errors.js';
import { say } from '../../language/messages.js';
import { centreChecks } from './centre.js';
import {
  type Check,
  type CheckResult,
  type Finding,
  fail,
  ok,
  type Patient,
  runChecks,
  usualDeadlineMs,
  warn,
} from './check.js';
import { lineChecks } from './lines.js';
import { machineChecks } from './machine.js';
import { partsCheck } from './parts.js';
import { disksCheck, storageChecks } from './storage.js';
import { clockCheck } from './time.js';

export function checksFor(config: Config | null): Check[] {
  const configuration: Check = {
    what: 'configuration',
    area: 'configuration',
    deadlineMs: usualDeadlineMs,
    run: checkFile,
  };
  return [
    configuration,
    ...(config === null
      ? []
      : [
          ...lineChecks(config),
          ...storageChecks(config),
          partsCheck(config),
          clockCheck(config),
          ...centreChecks(config),
        ]),
    disksCheck,
    ...machineChecks,
  ];
}

export function examine(patient: Patient): Promise<CheckResult[]> {
  return runChecks(checksFor(patient.config), patient);
}

async function checkFile({ configFile, language }: Patient): Promise<Finding> {
  const { problems, summary, migration } = await checkConfig(configFile);
  const [first] = problems;
  if (first !== undefined) {
    const more =
      problems.length === 1 ? '' : ` (${say(language, 'doctor.config.more', { more: problems.length - 1 })})`;
    return fail(
      `${describeError(language, first.error)}${more}`,
      say(language, 'doctor.config.todo', { file: configFile }),
    );
  }
  if (summary !== null && isExample(summary)) {
    return fail(
      say(language, 'doctor.config.example', { file: configFile }),
      say(language, 'doctor.config.example.todo', { file: configFile }),
    );
  }
  const found = say(language, 'console.config.fine', { file: configFile });
  if (migration !== null)
    return warn(found, say(language, 'console.config.old', { from: migration.from, to: migration.to }));
  if (summary?.cradles === 0) return warn(found, say(language, 'doctor.config.no-cradles'));
  return ok(found);
}
