import { expect, test } from 'vitest'
import { isPreviewHost, PreviewPolicy } from '../../../../evidence/model/config/previews.ts'

test('what is not said has its default', () => {
  expect(PreviewPolicy.parse({ prices: [{ environment: 'pr-*', hour: 0.1 }] })).toEqual({
    environments: ['preview-*', 'preview/*', 'pr-*'],
    prices: [{ environment: 'pr-*', hour: 0.1, currency: 'USD' }],
    rates: {},
    hosts: [],
    exceptions: [],
    max_age: '3d',
  })
})

test.each([
  [{ environments: [] }, ''],
  [{ prices: [{ environment: 'pr-*', hour: -1 }] }, ''],
  [{ prices: [{ environment: 'pr-*', hour: 1, currency: 'dollars' }] }, 'such as USD'],
  [{ rates: { EUR: 0 } }, ''],
  [{ costs: { kind: 'aws' } }, 'kind: opencost'],
  [{ costs: { kind: 'infracost', path: '../x' } }, 'inside the repository'],
  [{ hosts: ['*'] }, 'a host such as'],
  [{ hosts: ['a.*.example'] }, 'a host such as'],
])('%j is refused', (policy, words) => {
  const read = PreviewPolicy.safeParse(policy)
  expect(read.success).toBe(false)
  expect(read.error?.message).toContain(words)
})

test.each([
  ['pr-7.preview.acme.example', true],
  ['a.b.preview.acme.example', true],
  ['preview.acme.example', false],
  ['evilpreview.acme.example', false],
  ['shop.acme.example:8080', true],
  ['shop.acme.example', false],
])('%s may be asked: %s', (host, may) => {
  expect(isPreviewHost(host, ['*.preview.acme.example', 'shop.acme.example:8080'])).toBe(may)
})
