import { expect, test } from 'vitest'
import { PerfPolicy, requestsOf } from '../../../../evidence/model/config/perf.ts'

test('what is not said has its default', () => {
  expect(PerfPolicy.parse({ target: 'https://stage.shop.example' })).toMatchObject({
    commit: { path: '/healthz', field: 'sha' },
    rate: 20,
    limits: { p95: '500ms', p99: '2s', errors: 0.01 },
    spike: { times: 3, for: '10s' },
    users: [1, 2, 4, 8, 16, 32],
    replicas: { target: 1, production: 1 },
    baseline: 'perf/baseline.json',
    slower: '1.25x',
  })
})

test.each([
  [{ target: 'stage' }, 'http or https'],
  [{ target: 'https://user:secret@stage' }, 'without a password'],
  [{ requests: [] }, ''],
  [{ requests: [{ path: '//other.example/' }] }, 'a path such as'],
  [{ requests: [{ path: 'https://other.example/' }] }, 'a path such as'],
  [{ requests: [{ path: '/a b' }] }, 'a path such as'],
  [{ requests: [{ path: '/', body: {} }] }, 'no body for GET'],
  [{ rate: 0 }, ''],
  [{ rate: 20_001 }, ''],
  [{ for: '11m' }, 'from 1s to 10m'],
  [{ spike: { times: 1 } }, ''],
  [{ users: [2, 1] }, 'rising numbers'],
  [{ slower: '0.9x' }, 'a ratio'],
  [{ limits: { errors: 2 } }, ''],
  [{ commit: { field: 'a b' } }, 'a field such as'],
  [{ unheard: 1 }, ''],
])('%j is refused', (policy, words) => {
  const read = PerfPolicy.safeParse(policy)
  expect(read.success).toBe(false)
  expect(read.error?.message).toContain(words)
})

test('without requests and without a script the front page is asked; with both nobody knows what was', () => {
  expect(requestsOf(PerfPolicy.parse({}))).toEqual([{ method: 'GET', path: '/', status: 200, weight: 1 }])
  expect(requestsOf(PerfPolicy.parse({ requests: [{ path: '/a' }] }))).toMatchObject([{ path: '/a' }])
  const both = PerfPolicy.safeParse({ requests: [{ path: '/a' }], script: 'load/release.js' })
  expect(both.error?.issues).toMatchObject([{ path: ['script'], message: expect.stringContaining('either `requests` or `script`') }])
  expect(PerfPolicy.safeParse({ script: 'load/release.ts' }).success).toBe(true)
  for (const script of ['release.js', '../load/release.js', 'load/release.sh', '/load/release.js'])
    expect(PerfPolicy.safeParse({ script }).success).toBe(false)
})
