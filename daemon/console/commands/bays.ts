/** `custodock bays map`: finds out which USB port is behind each bay, and writes it into the configuration. */
import { readFile } from 'node:fs/promises';
import { writePorts } from '../../../config/bay-ports.js';
import { bayName } from '../../../config/schema.js';
import { DockError } from '../../../drivers/contract/error.js';
import { phrase } from '../../../drivers/contract/phrase.js';
import type { UsbLook } from '../../../drivers/contract/usb.js';
import { say } from '../../language/messages.js';
import { type ExitCode, exitCodes } from '../../runtime/exit.js';
import { walkBays } from '../bays-walk.js';
import type { Context } from '../context.js';
import { line, plainText } from '../line.js';

export async function mapBays(context: Context): Promise<ExitCode> {
  const { clock, configFile, json, language, terminal } = context;
  const bays = context
    .config()
    .cradles.flatMap(({ name, bays }) =>
      bays.map(({ slot, port }) => ({ bay: bayName(name, slot), port: port ?? null })),
    );
  if (bays.length === 0) throw noBays();
  const text = await readFile(configFile, 'utf8');
  // What is answered goes to whoever reads JSON; what is asked goes to the person.
  const tell = (said: string): void => {
    const shown = `${plainText(line(said))}\n`;
    if (json) terminal.writeError(shown);
    else terminal.write(shown);
  };
  const found = await walkBays(bays, {
    clock,
    language,
    look: () => looked(context),
    tell,
    ask: (question) => {
      tell(question);
      return terminal.readLine();
    },
  });
  const changed = bays.filter(({ bay, port }) => found?.has(bay) === true && found.get(bay) !== port);
  const backup = found === null || changed.length === 0 ? null : await writePorts(configFile, text, found);
  if (json) {
    context.printJson({
      file: configFile,
      finished: found !== null,
      backup,
      bays: bays.map(({ bay, port }) => ({ bay, before: port, port: found?.get(bay) ?? port })),
    });
  } else if (found === null) tell(say(language, 'bays.ended'));
  else if (backup === null) tell(say(language, 'bays.unchanged', { file: configFile }));
  else tell(say(language, 'bays.written', { file: configFile, bays: changed.length, backup }));
  return found === null ? exitCodes.failed : exitCodes.stopped;
}

async function looked({ lookAtUsb }: Context): Promise<UsbLook> {
  const look = await lookAtUsb();
  if (look !== null) return look;
  throw new DockError('DOCK_USB_ABSENT', {
    expected: phrase`USB devices under /sys/bus/usb`,
    found: phrase`none`,
    todo: phrase`Run the command on the dock itself`,
    retry: 'never',
  });
}

function noBays(): DockError {
  return new DockError('DOCK_BAYS_NONE', {
    expected: phrase`cradles with bays in the configuration`,
    found: phrase`none`,
    todo: phrase`Write the cradles and the slots of their bays into the configuration first`,
    retry: 'never',
  });
}
