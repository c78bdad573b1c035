import { assert, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { httpRouteOf, obstacle, pending, percentIn, rulesFor, stands, type HttpRoute } from '../../../../app/rollout/routers/http-route.ts'
import { backend, condition, parentsOf, ROUTE } from '../../../support/kubernetes/http-route.ts'

const SHOP = { canary: 'shop-canary', stable: 'shop-stable' }

function route(over: { spec?: object; status?: object } = {}): HttpRoute {
  const metadata = { ...ROUTE.metadata, resourceVersion: '7', generation: 1 }
  return httpRouteOf({ ...ROUTE, metadata, spec: { ...ROUTE.spec, ...over.spec }, status: over.status ?? ROUTE.status })
}

const withRefs = (...backendRefs: object[]) => route({ spec: { rules: [{ backendRefs }] } })

test('a share that was set is read back, and every other field stays', () => {
  assert(
    property(integer({ min: 0, max: 100 }), (percent) => {
      const before = route()
      const rules = rulesFor(percent, before, SHOP)
      const after = route({ spec: { rules } })
      expect(percentIn(after, SHOP)).toBe(percent)
      expect(stands(percent, after, SHOP)).toBe(true)
      expect(rules.map((rule) => ({ ...rule, backendRefs: null }))).toEqual(before.spec.rules.map((rule) => ({ ...rule, backendRefs: null })))
      const sums = rules.map(({ backendRefs = [] }) => backendRefs.reduce((sum, { weight }) => sum + weight, 0))
      expect(sums).toEqual([100, 1, 100])
    }),
  )
})

test('weights of any sum are read, and an absent one is 1', () => {
  expect(percentIn(withRefs(backend('shop-canary', 1), backend('shop-stable', 3)), SHOP)).toBe(25)
  expect(percentIn(withRefs(backend('shop-canary'), backend('shop-stable')), SHOP)).toBe(50)
  expect(percentIn(withRefs(backend('shop-canary', 1), backend('shop-stable', 1_000_000)), SHOP)).toBe(1)
  expect(percentIn(withRefs(backend('shop-stable')), SHOP)).toBe(0)
  expect(percentIn(withRefs(backend('other')), SHOP)).toBe(0)
  expect(stands(0, withRefs(backend('shop-canary', 0), backend('shop-stable', 0)), SHOP)).toBe(false)
})

test('a Service of the same name elsewhere is another one', () => {
  const refs = [{ ...backend('shop-canary', 0), namespace: 'staging' }, backend('shop-stable')]
  expect(obstacle(withRefs(...refs), SHOP)).toBe('no rule has a backendRef shop-canary')
  expect(obstacle(withRefs({ ...backend('shop-canary', 0), namespace: 'shop' }, backend('shop-stable')), SHOP)).toBeNull()
})

test.each([
  ['taken', parentsOf(1), null],
  ['of an older generation', parentsOf(0), true],
  ['not accepted', parentsOf(1, { Accepted: 'False' }), false],
  ['without its Services', parentsOf(1, { ResolvedRefs: 'False' }), false],
  ['still unknown', parentsOf(1, { Accepted: 'Unknown' }), true],
  ['of nobody', { parents: [] }, true],
])('a route %s', (_, status, later) => {
  expect(pending(route({ status }))?.later ?? null).toBe(later)
})

test('every gateway that the route names must have taken it', () => {
  const parentRefs = [{ name: 'edge' }, { name: 'inner', namespace: 'mesh', sectionName: 'https' }]
  expect(pending(route({ spec: { parentRefs } }))).toEqual({ later: true, why: 'gateway inner says nothing of the route' })
  const inner = { parentRef: parentRefs[1], controllerName: 'x', conditions: [condition('Accepted', 1), condition('ResolvedRefs', 1)] }
  expect(pending(route({ spec: { parentRefs }, status: { parents: [...(parentsOf(1)['parents'] as object[]), inner] } }))).toBeNull()
  expect(pending(route({ spec: { parentRefs: [] } }))?.later).toBe(false)
})

test.each([null, {}, { metadata: {} }, { ...ROUTE, metadata: { ...ROUTE.metadata, resourceVersion: '1', generation: '1' } }])(
  '%j is no route',
  (object) => {
    expect(() => httpRouteOf(object)).toThrow(expect.objectContaining({ code: 'malformed' }))
  },
)
