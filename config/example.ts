/** Whether a configuration is still the one that comes with the package: a dock that bears its names would bear them for ever. */
import type { Config } from './schema.js';

/** `dock.bureau` in `custodock.example.yaml`. Events of no real bureau bear it. */
const exampleBureau = 'example-bureau';

/** `dock`: or what is known of it. */
export function isExample({ bureau }: Pick<Config['dock'], 'bureau'>): boolean {
  return bureau === exampleBureau;
}
