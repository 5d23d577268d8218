import { defineConfig } from 'vitest/config'

/** Whole stories run against the clock of a shared machine: in CI a test that fails is tried again, and the report says so. */
const retry = process.env['CI'] === undefined ? 0 : 2

/** One story of each kind, which `npm test` plays; all of them take a quarter of an hour. */
const FIRST_STORIES = [
  'approvals',
  'commands-heard',
  'commands-refused',
  'comparison',
  'comparison-artifact',
  'comparison-trust',
  'direct-push',
  'flux',
  'order',
  'outcome-alias',
  'promotion',
  'rate-budget',
  'release',
  'simulate',
  'story',
].map((name) => `test/scenarios/${name}.test.ts`)

const NOT_UNIT = ['test/scenarios/**', 'test/attacks/**', 'test/hostile/**', 'test/live/**', '**/node_modules/**']

/** Their network is intercepted, for the whole process. */
const INTERCEPTED = ['test/clients/**/*.test.ts', 'test/bot-address.test.ts', 'test/cli/compare.test.ts']

const units = {
  testTimeout: 30_000,
  // Starting a database takes a second; on a busy machine ten are not enough.
  hookTimeout: 60_000,
  maxWorkers: 3,
  retry,
}

const stories = {
  setupFiles: ['test/support/plain-text.ts'],
  globalSetup: ['test/support/database-server.ts'],
  // The longest stories play days: half a minute on a calm machine.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // More than cores: stories wait more than they compute.
  maxWorkers: 3,
  // A story has a world and a database of its own; what files share is loaded once per worker.
  isolate: false,
  retry,
}

/** `unit` and `clients` (pure or one process) and `scenarios` (whole bot over the sandbox) are `npm test`; `slow` is all other stories, `attacks` the program under fire, `live` real servers, installed by the suite. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts', 'sandbox/**/*.test.ts'],
          exclude: [...INTERCEPTED, ...NOT_UNIT],
          ...units,
          // What files share is loaded once per worker: a third of the time.
          isolate: false,
        },
      },
      {
        test: {
          name: 'clients',
          include: INTERCEPTED,
          ...units,
        },
      },
      {
        test: {
          name: 'scenarios',
          include: FIRST_STORIES,
          ...stories,
        },
      },
      {
        test: {
          name: 'slow',
          include: ['test/scenarios/**/*.test.ts'],
          exclude: FIRST_STORIES,
          ...stories,
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
