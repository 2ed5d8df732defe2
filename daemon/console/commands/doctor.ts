/** `custodock doctor`. */
import { isExample } from '../../../config/example.js';
import { loadConfig } from '../../../config/load.js';
import type { ExitCode } from '../../runtime/exit.js';
import type { Context } from '../context.js';
import { doctorExitCode } from '../doctor/check.js';
import { examine } from '../doctor/doctor.js';
import { doctorView } from '../doctor/doctor-view.js';

export async function runDoctor(context: Context): Promise<ExitCode> {
  const { clock, environment, language, configFile } = context;
  const loaded = await loadConfig(configFile);
  // What the example names is nowhere: to look for it would bury the one thing that matters.
  const config = loaded.ok && !isExample(loaded.config.dock) ? loaded.config : null;
  const results = await examine({ clock, environment, language, configFile, config, root: '/' });
  if (context.json) context.printJson(results);
  else context.print(doctorView(results, context.look()));
  return doctorExitCode(results);
}
