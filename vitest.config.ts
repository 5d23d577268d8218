import { defineConfig } from 'vitest/config'

/** Whole stories run against the clock of a shared machine: in CI a test that fails is tried again, and the report says so. */
const retry = process.env['CI'] === undefined ? 0 : 2

/** Four suites: `unit` (pure or one process), `scenarios` (whole bot over the sandbox), `attacks` (the program under fire), `live` (real servers, installed by the suite). */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts', 'sandbox/**/*.test.ts'],
          exclude: ['test/scenarios/**', 'test/attacks/**', 'test/hostile/**', 'test/live/**', '**/node_modules/**'],
          testTimeout: 30_000,
          // Starting a database takes a second; on a busy machine ten are not enough.
          hookTimeout: 60_000,
          retry,
        },
      },
      {
        test: {
          name: 'scenarios',
          include: ['test/scenarios/**/*.test.ts'],
          globalSetup: ['test/support/database-server.ts'],
          // The longest stories play days: half a minute on a calm machine.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // More than cores: stories wait more than they compute.
          maxWorkers: 3,
          // A story has a world and a database of its own; what files share is loaded once per worker.
          isolate: false,
          retry,
        },
      },
      {
        test: {
          name: 'attacks',
          include: ['test/attacks/**/*.test.ts', 'test/hostile/**/*.test.ts'],
          globalSetup: ['test/support/database-server.ts'],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          // Each starts processes of its own.
          maxWorkers: 1,
          retry,
        },
      },
      {
        test: {
          name: 'live',
          include: ['test/live/**/*.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 900_000,
          maxWorkers: 1,
        },
      },
    ],
  },
})
