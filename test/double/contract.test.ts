import { expect, test } from 'vitest'
import { ACCESS } from '../support/github/http/access.ts'
import { checkAnswer, checkBody, checkWebhook, operationOf } from '../support/github/contract/index.ts'
import type { Operation } from '../support/github/contract/document.ts'
import { ROUTES } from '../support/github/index.ts'
import { openRelease, REPO, stage } from './stage.ts'

const operation = (method: string, path: string): Operation => {
  const found = operationOf(method, path)
  if (!found) throw new Error(`${method} ${path} is not in the extract`)
  return found
}

test('every route is an operation that GitHub publishes, and has a permission row', () => {
  for (const { method, path } of ROUTES) expect(ACCESS[operation(method, path).operationId], `${method} ${path}`).toBeDefined()
})

test('one key renamed in any answer of the double is caught: required, optional, nested, in a list', async () => {
  await using on = await stage()
  const { number, head } = await openRelease(on)
  const token = await on.token()
  await on.call(token, 'POST', `/repos/${REPO}/check-runs`, { name: 'a', head_sha: head, conclusion: 'success' })
  const paths: readonly (readonly [string, string])[] = [
    [`/repos/${REPO}`, '/repos/{owner}/{repo}'],
    [`/repos/${REPO}/pulls/${number}`, '/repos/{owner}/{repo}/pulls/{pull_number}'],
    [`/repos/${REPO}/commits/${head}/check-runs`, '/repos/{owner}/{repo}/commits/{ref}/check-runs'],
    [`/repos/${REPO}/issues/${number}`, '/repos/{owner}/{repo}/issues/{issue_number}'],
    [`/repos/${REPO}/git/ref/heads/main`, '/repos/{owner}/{repo}/git/ref/{ref}'],
  ]
  for (const [path, template] of paths) {
    const { data } = await on.call(token, 'GET', path)
    const of = operation('GET', template)
    expect(checkAnswer(of, 200, data)).toEqual({ invalid: [], unknown: [] })
    for (const renamed of renames(data as object)) {
      const { invalid, unknown } = checkAnswer(of, 200, renamed.data)
      expect(invalid.length + unknown.length, `${template}: ${renamed.key} renamed and nobody saw it`).toBeGreaterThan(0)
    }
  }
  on.github.assertClean()
})

/** Copies of `data`, each with one key renamed, three levels deep; free-form parts excepted. */
const renames = (data: object): { key: string; data: unknown }[] => {
  const out: { key: string; data: unknown }[] = []
  const visit = (at: readonly string[]): void => {
    const node = at.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], data)
    if (typeof node !== 'object' || node === null || at.length > 3 || at.includes('permissions')) return
    for (const key of Object.keys(node)) {
      if (!Array.isArray(node)) {
        const copy = structuredClone(data)
        const parent = at.reduce<unknown>((value, step) => (value as Record<string, unknown>)[step], copy) as Record<string, unknown>
        parent[`${key}x`] = parent[key]
        delete parent[key]
        out.push({ key: [...at, key].join('/'), data: copy })
      }
      visit([...at, key])
    }
  }
  visit([])
  return out
}

test('a wrong answer of the double becomes 500 and a violation, so that the suite goes red', async () => {
  await using on = await stage()
  const pull = await openRelease(on)
  const issue = on.github.repository(REPO).issues.get(pull.number)
  if (!issue) throw new Error('no pull request')
  // A state GitHub does not know, as if a builder were wrong.
  Object.assign(issue, { state: 'half-open' })
  const answer = await on.call(await on.token(), 'GET', `/repos/${REPO}/pulls/${pull.number}`)
  expect(answer.status).toBe(500)
  expect(on.github.violations.map((one) => one.kind)).toContain('answer')
  expect(() => on.github.assertClean()).toThrow(expect.objectContaining({ code: 'unclean' }))
})

test('an unknown key in a request is refused and recorded; a wrong value is refused', async () => {
  await using on = await stage()
  const token = await on.token()
  const path = `/repos/${REPO}/issues`
  const wrong = await on.call(token, 'POST', path, { title: 'a', body: 7 })
  expect(wrong.status).toBe(422)
  on.github.assertClean()
  const unknown = await on.call(token, 'POST', path, { title: 'a', bodyy: 'b' })
  expect(unknown).toMatchObject({ status: 422, data: { message: expect.stringContaining('/bodyy') } })
  expect((await on.call(token, 'GET', `${path}?states=open`)).status).toBe(422)
  expect(on.github.violations.map((one) => [one.kind, one.problems])).toEqual([
    ['unknown-key', ['/bodyy']],
    ['unknown-key', ['?states']],
  ])
})

test('unknown keys are found at any depth, and free-form objects stay free', () => {
  const create = operation('POST', '/repos/{owner}/{repo}/check-runs')
  expect(
    checkBody(create, {
      name: 'a',
      head_sha: 'b',
      output: {
        title: 't',
        summary: 's',
        annotations: [{ path: 'p', start_line: 1, end_line: 1, annotation_level: 'notice', message: 'm', lin: 1 }],
      },
    }),
  ).toEqual({
    invalid: [],
    unknown: ['/output/annotations/0/lin'],
  })
  expect(checkBody(operation('POST', '/repos/{owner}/{repo}/deployments'), { ref: 'a', payload: { any: { thing: 1 } } })).toEqual({
    invalid: [],
    unknown: [],
  })
})

test('what the double does not know it refuses with 501 and records', async () => {
  await using on = await stage()
  const answer = await on.call(await on.token(), 'POST', '/graphql', { query: '{viewer{login}}' })
  const outside = await on.call(await on.token(), 'GET', `/repos/${REPO}/stargazers`)
  expect([answer.status, outside.status]).toEqual([501, 501])
  expect(on.github.violations.map((one) => one.kind)).toEqual(['unknown-operation', 'unknown-operation'])
})

test('a webhook with a renamed key is caught', async () => {
  await using on = await stage()
  await openRelease(on)
  await on.github.settled()
  const opened = on.heard.find((one) => one.event === 'pull_request')
  if (!opened) throw new Error('no pull_request delivery')
  expect(checkWebhook('pull-request-opened', opened.payload)).toEqual({ invalid: [], unknown: [] })
  for (const renamed of renames(opened.payload)) {
    const { invalid, unknown } = checkWebhook('pull-request-opened', renamed.data)
    expect(invalid.length + unknown.length, `${renamed.key} renamed and nobody saw it`).toBeGreaterThan(0)
  }
  on.github.assertClean()
})
