import type { ErrorText, Text } from './text.js';

export const consoleMessages = {} as const satisfies Record<string, Text>;

export const consoleErrors = {} as const satisfies Record<`DOCK_${string}`, ErrorText>;
