import { defineConfig } from 'vitest/config'

/** Flows start processes and watch clocks: one at a time, after everything else. */
const FLOWS = 'test/flow/**/*.test.ts'
/** Other people's tools read what we write, and we read what they write. */
const INTEROP = 'test/interop/**/*.test.ts'

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    restoreMocks: true,
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [FLOWS, INTEROP, '**/node_modules/**'], maxWorkers: 2 } },
      {
        extends: true,
        test: { name: 'interop', include: [INTEROP], maxWorkers: 1, testTimeout: 240_000, hookTimeout: 240_000, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: { name: 'flow', include: [FLOWS], maxWorkers: 1, testTimeout: 240_000, hookTimeout: 240_000, sequence: { groupOrder: 2 } },
      },
    ],
  },
})
