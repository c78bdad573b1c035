import { expect, test } from 'vitest'
import { Asset, Deployment, Membership, parsed } from '../../../app/github/answers.ts'
import { GitHubError } from '../../../app/github/error.ts'

test('what fits is taken without what is not used', () => {
  expect(parsed(Membership, { state: 'active', url: 'x' }, 'x')).toEqual({ state: 'active' })
})

test('what does not is named', () => {
  expect(() => parsed(Membership, { status: 'active' }, 'the team')).toThrow(/the team.*state/)
  expect(() => parsed(Asset, { id: 1, name: 'x', state: 'new', size: 1 }, 'x')).toThrow(GitHubError)
})

test('a payload is an object or the text of one', () => {
  const deployment = { id: 1, sha: 'a'.repeat(40), environment: 'prod', url: 'x' }
  expect(parsed(Deployment, { ...deployment, payload: '{}' }, 'x').payload).toBe('{}')
  expect(parsed(Deployment, { ...deployment, payload: { key: 'x' } }, 'x').payload).toEqual({ key: 'x' })
  expect(() => parsed(Deployment, { ...deployment, payload: 5 }, 'x')).toThrow(GitHubError)
})
