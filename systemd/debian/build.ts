/** `npm run package [-- --quick]`: builds the Debian package into dist/ and says where it is. */
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { buildPackage, sourceEpochS } from './package.js';

const root = path.resolve(import.meta.dirname, '../../..');
const into = path.join(root, 'dist/package');
mkdirSync(into, { recursive: true });
const file = buildPackage({
  root,
  into,
  epochS: sourceEpochS(root),
  compression: process.argv.includes('--quick') ? 'zstd' : 'xz',
});
process.stdout.write(`${path.relative(root, file)}: ${(statSync(file).size / 1e6).toFixed(1)} MB\n`);
