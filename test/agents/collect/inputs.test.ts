import { expect, test } from 'vitest'
import { digestOf, sha256 } from '../../../evidence/core/digest.ts'
import { inputDigest, INPUTS, policyDigest, pullRequestDigest, RecordedInput } from '../../../agents/collect/inputs.ts'
import { AGENTS } from '../../../agents/index.ts'

test('every recorded kind can be read back, and every kind can be recorded', () => {
  const planted = AGENTS.flatMap((agent) => agent.planted.map((one) => one.inputs))
  for (const kind of Object.keys(INPUTS)) {
    const value = planted.map((inputs) => (inputs as Record<string, unknown>)[kind]).find((found) => found !== undefined)
    expect(RecordedInput.parse(JSON.parse(JSON.stringify({ kind, value })))).toEqual({ kind, value })
  }
})

test('a pull request is what a person can edit: title, body and labels in any order', () => {
  const pull = { title: 't', body: 'b', labels: ['y', 'x'] }
  expect(pullRequestDigest(pull)).toBe(digestOf({ title: 't', body: 'b', labels: ['x', 'y'] }))
  expect(pullRequestDigest({ ...pull, labels: ['x', 'y'] })).toBe(pullRequestDigest(pull))
  for (const changed of [{ title: 'u' }, { body: 'c' }, { labels: ['x'] }])
    expect(pullRequestDigest({ ...pull, ...changed })).not.toBe(pullRequestDigest(pull))
})

test('the digest of an input is that of the App where the App can see it', () => {
  const side = { ref: 'r', sha: 'a'.repeat(40) }
  const value = { number: 1, title: 't', body: 'b', labels: [], head: side, base: side }
  expect(inputDigest({ kind: 'pullRequest', value })).toBe(pullRequestDigest(value))
  expect(inputDigest({ kind: 'policy', value: { base: 'a'.repeat(40), path: 'p', text: 'version: 1\n' } })).toBe(policyDigest('version: 1\n'))
  expect(policyDigest('version: 1\n')).toBe(sha256('version: 1\n'))
  expect(inputDigest({ kind: 'dockerfiles', value: { head: 'a'.repeat(40), files: [] } })).toBe(digestOf({ head: 'a'.repeat(40), files: [] }))
})
