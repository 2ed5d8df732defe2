import type { ErrorText, Text } from './text.js';

export const volumeMessages = {} as const satisfies Record<string, Text>;

export const volumeErrors = {} as const satisfies Record<`DOCK_${string}`, ErrorText>;
