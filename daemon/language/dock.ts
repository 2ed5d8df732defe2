import type { ErrorText, Text } from './text.js';

export const dockMessages = {} as const satisfies Record<string, Text>;

export const dockErrors = {} as const satisfies Record<`DOCK_${string}`, ErrorText>;
