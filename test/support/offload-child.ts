/**
 * A process that offloads one card with real threads and a real ledger until it is killed: `node offload-child.js DIR CARD [before-entry]`.
 * `before-entry`: it kills itself when the first recording is published and not yet entered.
 */

import { defaultSalvage } from '../../daemon/offload/salvage.js';
import { createThreadCopier } from '../../daemon/offload/thread-copier.js';
import { OffloadRig } from './offload-rig.js';

const [dir = '', card = '', dies] = process.argv.slice(2);
const copier = createThreadCopier({ threads: 2, copiesAtOnce: 4, salvage: { ...defaultSalvage, readRetries: 0 } });
const rig = await OffloadRig.make({ dir, copier });
const append = rig.ledger.append.bind(rig.ledger);
if (dies === 'before-entry') {
  rig.ledger.append = (...facts) => {
    if (facts.some(({ kind }) => kind === 'recording.offloaded')) process.kill(process.pid, 'SIGKILL');
    return append(...facts);
  };
}
process.stdout.write('ready\n');
const summary = await rig.run(card);
process.stdout.write(`${JSON.stringify(summary)}\n`);
await rig.stop();
