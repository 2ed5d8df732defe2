import type { ErrorText, Text } from './text.js';

export const custodyMessages = {} as const satisfies Record<string, Text>;

export const custodyErrors = {} as const satisfies Record<`DOCK_${string}`, ErrorText>;
