import type { ErrorText, Text } from './text.js';

export const cradleMessages = {} as const satisfies Record<string, Text>;

export const cradleErrors = {} as const satisfies Record<`DOCK_${string}`, ErrorText>;
