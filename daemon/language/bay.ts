import type { ErrorText, Text } from './text.js';

export const bayMessages = {} as const satisfies Record<string, Text>;

export const bayErrors = {} as const satisfies Record<`DOCK_${string}`, ErrorText>;
