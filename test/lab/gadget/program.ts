/**
 * A simulated camera on the guest's own bus: `node program.js '<CameraSpec>' <TCP port>`. Serves until it is killed; obeys
 * lines of JSON on the port, each answered with a line.
 */
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { systemClock } from '../../../daemon/runtime/clock.js';
import type { CameraSpec, GadgetCamera } from './camera.js';
import { ControlGadget, DiskGadget } from './control.js';
import { PtpGadget } from './ptp.js';

type Order = { readonly order: 'plug' | 'unplug' | 'state' | 'misbehave' } & Readonly<Record<string, unknown>>;

function cameraOf(spec: CameraSpec): GadgetCamera {
  switch (spec.kind) {
    case 'ptp':
      return new PtpGadget(spec);
    case 'disk':
      return new DiskGadget(spec);
    default:
      return new ControlGadget(spec);
  }
}

function obey(camera: GadgetCamera, { order, ...how }: Order): Readonly<Record<string, unknown>> {
  switch (order) {
    case 'state':
      return camera.state();
    case 'misbehave':
      camera.misbehave(how);
      return {};
    default: {
      const atMs = systemClock.wallMs();
      camera[order]();
      return { atMs };
    }
  }
}

const [, , spec = '', port = ''] = process.argv;
const camera = cameraOf(JSON.parse(spec) as CameraSpec);
const door = createServer((socket) => {
  socket.on('error', () => undefined);
  const lines = createInterface({ input: socket });
  lines.on('error', () => undefined);
  lines.on('line', (line) => {
    let answer: Readonly<Record<string, unknown>>;
    try {
      answer = obey(camera, JSON.parse(line) as Order);
    } catch (error) {
      answer = { error: error instanceof Error ? error.message : String(error) };
    }
    socket.write(`${JSON.stringify(answer)}\n`);
  });
});
door.listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));
