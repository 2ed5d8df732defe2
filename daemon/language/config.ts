import type { ErrorText, Text } from './text.js';

export const configMessages = {} as const satisfies Record<string, Text>;

export const configErrors = {} as const satisfies Record<`DOCK_${string}`, ErrorText>;
