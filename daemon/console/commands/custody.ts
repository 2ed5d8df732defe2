/** `custodock custody`: the usage ledger, the latest docking first (M4). */
import { type ExitCode, exitCodes } from '../../runtime/exit.js';
import type { Command } from '../arguments.js';
import type { Context } from '../context.js';
import { dockingsView } from '../register-view.js';

export async function listDockings(
  { limit }: Extract<Command, { name: 'custody' }>,
  context: Context,
): Promise<ExitCode> {
  const dockings = await context.client().custody(limit);
  if (context.json) context.printJson(dockings);
  else context.print(dockingsView(dockings, context.look()));
  return exitCodes.stopped;
}
