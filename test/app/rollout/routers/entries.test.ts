import { expect, test } from 'vitest'
import { OPERATOR_EXAMPLE } from '../../../../app/operator-example.ts'
import { parseOperator } from '../../../../app/operator.ts'
import { adapterOf } from '../../../../app/rollout/routers/adapter.ts'
import { namedRouter, RouterEntry, secretOf } from '../../../../app/rollout/routers/entries.ts'

const NGINX = { kind: 'nginx', file: 'shop.conf', variable: 'shop_release', status: 'http://127.0.0.1:8082/shop' }
const read = (path: string, key: string) => `${key} of ${path}\n`
const named = (entry: unknown) => namedRouter(RouterEntry.parse(entry), '/etc/conductor', read)

test('every kind is shown in the example, and each becomes a router', () => {
  const { routers } = parseOperator(OPERATOR_EXAMPLE)
  expect(
    Object.values(routers)
      .map(({ kind }) => kind)
      .toSorted(),
  ).toEqual(RouterEntry.options.map(({ shape }) => shape.kind.value).toSorted())
  for (const entry of Object.values(routers)) {
    const router = adapterOf(named(entry))
    expect([typeof router.set, typeof router.read]).toEqual(['function', 'function'])
  }
})

test('paths are taken from the folder of the file, and what may be left out has a value', () => {
  expect(named(NGINX)).toEqual({
    kind: 'nginx',
    source: {
      file: '/etc/conductor/shop.conf',
      variable: 'shop_release',
      key: '$request_id',
      status: 'http://127.0.0.1:8082/shop',
      test: ['nginx', '-t'],
      reload: ['nginx', '-s', 'reload'],
    },
  })
})

test('a cluster is named by its kubeconfig beside the file, or is the one the App runs in', () => {
  const mesh = { kind: 'gateway-api', namespace: 'shop', route: 'shop', canary: 'c', stable: 's', force: 'down' }
  const { kind, ...source } = mesh
  expect(named({ ...mesh, kubeconfig: 'kube.yml' })).toEqual({ kind, source: { ...source, kubeconfig: '/etc/conductor/kube.yml' } })
  expect(named(mesh)).toEqual({ kind, source })
})

test('a token is read from its file, and is a secret', () => {
  const proxy = named({ kind: 'weighted-proxy', admin: 'http://127.0.0.1:8081', token_file: 'router.token' })
  expect(proxy).toEqual({ kind: 'weighted-proxy', admin: 'http://127.0.0.1:8081', token: 'token_file of /etc/conductor/router.token' })
  expect(secretOf(proxy)).toBe('token_file of /etc/conductor/router.token')
  expect(secretOf(named(NGINX))).toBeNull()
})

test.each([
  ['a command of a shell', { ...NGINX, reload: 'nginx -s reload' }],
  ['a status that is no web address', { ...NGINX, status: 'file:///etc/passwd' }],
  ['a key that would end the directive', { ...NGINX, key: '$a" { }' }],
  ['a route without a word on who may be overruled', { kind: 'gateway-api', namespace: 'a', route: 'a', canary: 'c', stable: 's' }],
  ['an unknown key', { ...NGINX, url: 'x' }],
  ['an unknown kind', { kind: 'apache' }],
])('%s is refused', (_, entry) => {
  expect(RouterEntry.safeParse(entry).success).toBe(false)
})
