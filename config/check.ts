/** What `custodock config check` has to say about a file. Reads it and nothing else: whether ports exist is for doctor. */
import { loadConfig } from './load.js';
import type { ConfigProblem } from './problem.js';
import type { Config } from './schema.js';

export interface ConfigSummary {
  readonly dock: string;
  readonly bureau: string;
  readonly cradles: number;
  /** Serial ports and TCP addresses. */
  readonly lines: number;
  readonly bays: number;
  readonly cameras: number;
  /** Address of the broker; null: nobody is told anything. */
  readonly centre: string | null;
  readonly erase: Config['offload']['erase'];
}

export interface ConfigCheck {
  readonly file: string;
  readonly problems: readonly ConfigProblem[];
  /** Null when there are problems. */
  readonly summary: ConfigSummary | null;
  /** Set when the file has an older version that would be migrated. */
  readonly migration: { readonly from: number; readonly to: number; readonly notes: readonly string[] } | null;
}

export async function checkConfig(file: string): Promise<ConfigCheck> {
  const loaded = await loadConfig(file);
  if (!loaded.ok) return { file, problems: loaded.problems, summary: null, migration: null };
  const { config, migrated } = loaded;
  const lines = new Set(
    config.cradles.flatMap(({ line }) => ('serial' in line ? [line.serial] : 'tcp' in line ? [line.tcp] : [])),
  );
  return {
    file,
    problems: [],
    summary: {
      dock: config.dock.id,
      bureau: config.dock.bureau,
      cradles: config.cradles.length,
      lines: lines.size,
      bays: config.cradles.reduce((sum, { bays }) => sum + bays.length, 0),
      cameras: config.cameras.length,
      centre: config.central?.url ?? null,
      erase: config.offload.erase,
    },
    migration: migrated === undefined ? null : { from: migrated.from, to: migrated.to, notes: migrated.notes },
  };
}
