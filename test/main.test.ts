import { expect, test } from 'vitest'
import { tallyOf } from './main.ts'

function report(of: {
  passed?: number
  failed?: number
  pending?: number
  todo?: number
  files?: readonly { status: string; tests: readonly string[] }[]
}): string {
  return JSON.stringify({
    numTotalTests: 0,
    numPassedTests: of.passed ?? 0,
    numFailedTests: of.failed ?? 0,
    numPendingTests: of.pending ?? 0,
    numTodoTests: of.todo ?? 0,
    testResults: (of.files ?? []).map(({ status, tests }) => ({ status, assertionResults: tests.map((each) => ({ status: each })) })),
  })
}

test('passed, failed and skipped are counted', () => {
  expect(tallyOf(report({ passed: 3, failed: 1, pending: 2, todo: 1, files: [{ status: 'failed', tests: ['failed', 'passed'] }] }), 1)).toEqual({
    passed: 3,
    failed: 1,
    skipped: 3,
  })
})

test('a file that cannot be loaded is a failure', () => {
  expect(tallyOf(report({ passed: 3, files: [{ status: 'failed', tests: [] }] }), 1)).toEqual({ passed: 3, failed: 1, skipped: 0 })
})

test('a bad end without a failed test, no report, and a run of nothing are failures', () => {
  expect(tallyOf(report({ passed: 3 }), 1).failed).toBe(1)
  expect(tallyOf(null, 0).failed).toBe(1)
  expect(tallyOf(report({}), 0).failed).toBe(1)
})
