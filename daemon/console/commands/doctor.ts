/** `custodock doctor`. */
import { loadConfig } from '../../../config/load.js';
import type { ExitCode } from '../../runtime/exit.js';
import type { Context } from '../context.js';
import { doctorExitCode } from '../doctor/check.js';
import { examine } from '../doctor/doctor.js';
import { doctorView } from '../doctor/doctor-view.js';

export async function runDoctor(context: Context): Promise<ExitCode> {
  const { clock, environment, language, configFile } = context;
  const loaded = await loadConfig(configFile);
  const config = loaded.ok ? loaded.config : null;
  const results = await examine({ clock, environment, language, configFile, config, root: '/' });
  if (context.json) context.printJson(results);
  else context.print(doctorView(results, context.look()));
  return doctorExitCode(results);
}
