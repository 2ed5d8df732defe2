import type { ErrorText, Text } from './text.js';

export const offloadMessages = {} as const satisfies Record<string, Text>;

export const offloadErrors = {} as const satisfies Record<`DOCK_${string}`, ErrorText>;
