import type { ErrorText, Text } from './text.js';

export const centralMessages = {} as const satisfies Record<string, Text>;

export const centralErrors = {} as const satisfies Record<`DOCK_${string}`, ErrorText>;
