import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/{unit,integration,contract,simulation}/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // Two cores: more workers would only make the timing of real serial ports and brokers worse.
    maxWorkers: 2,
    // Of tests that only wait, each for a dock of its own.
    maxConcurrency: 12,
  },
});
