import { expect, test } from 'vitest'
import { readRunFacts } from '../../../actions/lib/run-facts.ts'

const ENV = {
  GITHUB_API_URL: 'https://api.github.com/',
  GITHUB_REPOSITORY: 'acme/shop',
  GITHUB_REPOSITORY_ID: '4242',
  GITHUB_SHA: '1'.repeat(40),
  GITHUB_REF: 'refs/heads/main',
  GITHUB_EVENT_NAME: 'workflow_dispatch',
  GITHUB_WORKFLOW_REF: 'acme/shop/.github/workflows/x.yml@refs/heads/main',
  GITHUB_RUN_ID: '77',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_WORKSPACE: '/work',
  RUNNER_ENVIRONMENT: 'github-hosted',
}

test('reads the runner variables, numbers as numbers', () => {
  expect(readRunFacts({ ...ENV, OTHER: 'x' })).toMatchObject({
    apiUrl: 'https://api.github.com',
    repositoryId: 4242,
    runId: 77,
    runAttempt: 2,
    repository: 'acme/shop',
  })
})

test.each(Object.keys(ENV))('names %s when it is absent', (name) => {
  expect(() => readRunFacts({ ...ENV, [name]: undefined })).toThrow(
    expect.objectContaining({ code: 'environment', message: expect.stringContaining(name) as string }) as Error,
  )
})

test.each([
  ['GITHUB_REPOSITORY_ID', '0x10'],
  ['GITHUB_SHA', 'main'],
  ['GITHUB_REPOSITORY', 'shop'],
])('refuses %s = %s', (name, value) => {
  expect(() => readRunFacts({ ...ENV, [name]: value })).toThrow(expect.objectContaining({ code: 'environment' }) as Error)
})
