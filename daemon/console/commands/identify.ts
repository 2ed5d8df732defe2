/** `custodock identify BAY`: the technician's white flashing. */
import { say } from '../../language/messages.js';
import { type ExitCode, exitCodes } from '../../runtime/exit.js';
import type { Command } from '../arguments.js';
import type { Context } from '../context.js';
import { line } from '../line.js';

export async function identifyBay(
  { bay, on }: Extract<Command, { name: 'identify' }>,
  context: Context,
): Promise<ExitCode> {
  await context.client().identify(bay, on);
  if (context.json) context.printJson({ bay, on });
  else context.print([line(say(context.language, on ? 'console.identify.on' : 'console.identify.off', { bay }))]);
  return exitCodes.stopped;
}
