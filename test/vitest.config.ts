import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // Two cores: more workers would only make the timing of real serial ports and brokers worse.
    maxWorkers: 2,
    // Of tests that only wait, each for a dock of its own.
    maxConcurrency: 12,
    projects: [
      // Pure: they leave nothing behind in the process, and share its modules. Loading those anew for each file takes longer than the tests.
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], isolate: false } },
      {
        extends: true,
        test: { name: 'whole', include: ['test/{integration,contract,simulation}/**/*.test.ts'] },
      },
    ],
  },
});
