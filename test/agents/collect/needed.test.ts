import { expect, test } from 'vitest'
import { needed } from '../../../agents/collect/needed.ts'

test.each([
  ['issues=write; pull_requests=write', 'issues: write'],
  ['pull_requests=read', 'pull-requests: read'],
  ['contents=read,metadata=read', 'contents: read, metadata: read'],
])('%s: the line to add', (header, line) => {
  expect(needed(header)).toBe(`Add to the permissions of the job, or of the token: ${line}.`)
})

test.each([null, undefined, '', 'allows_permissionless_access=true', '<b>'])('%s names nothing', (header) => {
  expect(needed(header)).toBeNull()
})
