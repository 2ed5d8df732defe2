/**
 * Names of the topics between a dock and the centre (D11), the only place that composes one. Pure.
 *
 * Must never let text from a device choose a topic: ids are escaped, so that none can hold a level separator or a wildcard (I11).
 */

export interface DockTopics {
  /** One ordered stream of ledger entries, never retained. */
  readonly events: string;
  /** Retained; the last will is published here too. */
  readonly state: string;
  /** From the centre: how far it has received. */
  readonly ack: string;
  bay(bay: string): string;
  camera(camera: string): string;
  /** What to subscribe to for the retained documents of all bays and cameras, also those that this dock has no more. */
  readonly stateFilters: readonly string[];
  /** Whether a topic that came from outside is one that `bay` or `camera` can give (I11). */
  isState(topic: string): boolean;
}

/** Room for 64 characters of any script; a topic may have 65535 bytes, and an id that is longer than this is no id. */
const LONGEST_LEVEL_BYTES = 1_024;

/** What `topicLevel` gives: no separator and no wildcard can be in it. */
const OUR_LEVEL = new RegExp(`^[A-Za-z0-9._~%-]{1,${LONGEST_LEVEL_BYTES}}$`);

/**
 * One topic level out of any text: everything but letters, digits, `.`, `_`, `-` and `~` becomes percent-encoded UTF-8, so that
 * different ids stay different. Throws RangeError for an empty or overlong one: the register of cameras allows neither.
 */
export function topicLevel(id: string): string {
  const level = encodeURIComponent(id.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  if (level === '' || level.length > LONGEST_LEVEL_BYTES) {
    throw new RangeError(`a topic level has 1 to ${LONGEST_LEVEL_BYTES} bytes, this id gives ${level.length}`);
  }
  return level;
}

export function dockTopics(bureau: string, dock: string): DockTopics {
  const root = `custodock/v1/${topicLevel(bureau)}/${topicLevel(dock)}`;
  const folders = [`${root}/bays/`, `${root}/cameras/`];
  return {
    events: `${root}/events`,
    state: `${root}/state`,
    ack: `${root}/ack`,
    bay: (bay) => `${root}/bays/${topicLevel(bay)}`,
    camera: (camera) => `${root}/cameras/${topicLevel(camera)}`,
    stateFilters: folders.map((folder) => `${folder}+`),
    isState: (topic) =>
      folders.some((folder) => topic.startsWith(folder) && OUR_LEVEL.test(topic.slice(folder.length))),
  };
}
