/** `custodock recordings`: the latest first. */
import { type ExitCode, exitCodes } from '../../runtime/exit.js';
import type { Command } from '../arguments.js';
import type { Context } from '../context.js';
import { recordingsView } from '../register-view.js';

export async function listRecordings(
  { camera, bay, important, before, limit }: Extract<Command, { name: 'recordings' }>,
  context: Context,
): Promise<ExitCode> {
  const recordings = await context.client().recordings({
    limit,
    ...(camera === undefined ? {} : { camera }),
    ...(bay === undefined ? {} : { bay }),
    ...(important === undefined ? {} : { important }),
    ...(before === undefined ? {} : { beforeSeq: before }),
  });
  if (context.json) context.printJson(recordings);
  else context.print(recordingsView(recordings, context.look(), limit));
  return exitCodes.stopped;
}
