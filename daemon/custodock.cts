#!/usr/bin/env node
/**
 * The `custodock` command. Answerable for one thing that must happen before any module is loaded; must never grow.
 *
 * libuv sizes its pool once, at the first file operation, and the ESM loader is the first to do one. A read from a card
 * that hangs holds a thread of that pool until the kernel gives up; with the default of four, four bad cards would stop
 * the whole dock (I8). Hence CommonJS: here the environment can still be set first.
 */
process.env['UV_THREADPOOL_SIZE'] ??= '64';

import('./main.js').catch((error: unknown) => {
  console.error(error);
  process.exitCode = 70;
});
