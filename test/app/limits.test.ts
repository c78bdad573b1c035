import { expect, test } from 'vitest'
import { limitsOf, mayUse, openToAll } from '../../app/limits.ts'
import { loadOperator, parseOperator } from '../../app/operator.ts'
import { OPERATOR_EXAMPLE } from '../../app/operator-example.ts'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { operatorFile, SECRET } from '../support/deliveries.ts'

const NAMED = `
routers:
  shop: { kind: weighted-proxy, admin: http://127.0.0.1:8081, repositories: [acme/shop] }
  ha: { kind: haproxy, socket: /run/h.sock, backend: b, canary: [c], stable: [s], repositories: [acme/shop] }
  ng: { kind: nginx, file: /etc/n.conf, variable: v, status: http://127.0.0.1:1/x, repositories: [acme/shop] }
  gw: { kind: gateway-api, namespace: n, route: r, canary: c, stable: s, force: never, repositories: [acme/shop] }
  argo: { kind: argo-rollouts, namespace: n, rollout: r, repositories: [acme/shop] }
  flag: { kind: flagd, file: /etc/f.json, flag: f, ofrep: [http://127.0.0.1:8016], repositories: [acme/shop] }
  any: { kind: weighted-proxy, admin: http://127.0.0.1:8081 }
metrics:
  page:
    kind: openmetrics
    canary: { url: http://127.0.0.1:9101/metrics }
    stable: { url: http://127.0.0.1:9102/metrics }
    requests: r_total
    errors: { metric: r_total, label: code, matches: "5.." }
    repositories: [acme/*]
webhooks:
  desk: { url: https://desk.example.com/x, repositories: [acme/shop] }
probes:
  checkout: { url: https://shop.example.com/health, repositories: [acme/shop] }
stores:
  archive: { kind: directory, path: archive, repositories: [acme/shop] }
`

const at = (text: string) => {
  const slash = text.indexOf('/')
  return { owner: text.slice(0, slash), name: text.slice(slash + 1) }
}

function loaded(more: string) {
  const folder = mkdtempSync(join(tmpdir(), 'conductor-limits-'))
  try {
    const file = operatorFile(folder)
    writeFileSync(file, `${readFileSync(file, 'utf8')}${more}`)
    return loadOperator(file, { WEBHOOK_SECRET: SECRET })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('each kind of entry may say whose it is, and what moves or measures does not get to see that', () => {
  const operator = loaded(NAMED)
  expect(operator.limits).toEqual({
    routers: { shop: ['acme/shop'], ha: ['acme/shop'], ng: ['acme/shop'], gw: ['acme/shop'], argo: ['acme/shop'], flag: ['acme/shop'] },
    metrics: { page: ['acme/*'] },
    webhooks: { desk: ['acme/shop'] },
    probes: { checkout: ['acme/shop'] },
    stores: { archive: ['acme/shop'] },
  })
  expect(JSON.stringify([operator.routers, operator.metrics, operator.webhooks, operator.probes])).not.toContain('acme/')
  expect(openToAll(operator.named, operator.limits)).toEqual(['routers.any'])
})

test('of the example, whatever says nothing is told with its kind', () => {
  const file = parseOperator(OPERATOR_EXAMPLE)
  const open = openToAll(file, limitsOf(file))
  expect(open).toContain('routers.web')
  expect(open).not.toContain('routers.prod-proxy')
})

test.each(['[]', '[shop]', '["*"]', '["*/*"]', '["acme/sh*"]', '[acme/shop/x]', 'acme/shop'])('%s says nobody that GitHub could name', (list) => {
  const text = OPERATOR_EXAMPLE.replace('/checkout/health }', `/checkout/health, repositories: ${list} }`)
  expect(() => parseOperator(text)).toThrow(/probes\.shop-checkout\.repositories/)
})

test.each<[string, readonly string[] | undefined, boolean]>([
  ['acme/shop', undefined, true],
  ['acme/shop', ['acme/shop'], true],
  ['Acme/SHOP', ['acme/shop'], true],
  ['acme/shop', ['ACME/*'], true],
  ['acme/shop2', ['acme/shop'], false],
  ['acme2/shop', ['acme/*'], false],
  ['mallory/acme', ['acme/*'], false],
  ['acme/toy', ['other/toy', 'acme/shop'], false],
])('%s, of %j: %s', (name, list, may) => {
  expect(mayUse({ routers: list === undefined ? {} : { r: list } }, 'routers', 'r', at(name))).toBe(may)
})

test('it is the present name that counts', () => {
  const limits = { routers: { r: ['acme/store'] } }
  expect(mayUse(limits, 'routers', 'r', { ...at('acme/shop'), fullName: 'acme/store' })).toBe(true)
  expect(mayUse(limits, 'routers', 'r', { ...at('acme/store'), fullName: 'mallory/store' })).toBe(false)
})

test('a name that every object has, and limits that are not known, refuse nothing', () => {
  expect(mayUse({ routers: {} }, 'routers', 'constructor', at('acme/shop'))).toBe(true)
  expect(mayUse(undefined, 'routers', 'r', at('acme/shop'))).toBe(true)
})
