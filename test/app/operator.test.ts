import { createPrivateKey, createPublicKey } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { OPERATOR_EXAMPLE } from '../../app/operator-example.ts'
import { loadOperator, OperatorError, parseOperator, secretsOf } from '../../app/operator.ts'
import { cosignKey } from '../support/cosign-key.ts'
import { APP_ID, operatorFile, SECRET } from '../support/deliveries.ts'
import { Sigstore } from '../support/sigstore/instance.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'conductor-operator-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function problems(text: string): string {
  try {
    parseOperator(text)
  } catch (error) {
    if (error instanceof OperatorError && error.code === 'invalid') return error.message
    throw error
  }
  return ''
}

test('a file is read with its defaults, keys and paths beside it', () => {
  const operator = loadOperator(operatorFile(folder), { WEBHOOK_SECRET: SECRET })
  expect(operator).toMatchObject({
    github: { apiUrl: 'http://127.0.0.1:9', appId: APP_ID },
    secrets: { current: SECRET, previous: null },
    databaseUrl: null,
    listen: { host: '127.0.0.1', port: 0 },
    dataDir: join(folder, 'data'),
    artifactsDir: join(folder, 'artifacts'),
    sweepMs: 60_000,
    evidenceDeadlineMs: 1_800_000,
    routers: {},
    metrics: {},
  })
  expect(operator.github.privateKey).toContain('PRIVATE KEY')
  expect(operator.signing).toEqual({ id: 'demo', key: operator.github.privateKey })
})

test('the example is right and shows every key', () => {
  const parsed = parseOperator(OPERATOR_EXAMPLE)
  expect(Object.keys(parsed).sort()).toEqual([
    'artifacts_dir',
    'data_dir',
    'evidence_deadline',
    'github',
    'listen',
    'login',
    'look',
    'metrics',
    'pages',
    'probes',
    'public_url',
    'retention',
    'routers',
    'signing',
    'sigstore',
    'stores',
    'sweep',
    'traces_url',
    'webhooks',
  ])
  expect(parsed.metrics['prod-metrics']).toMatchObject({ kind: 'openmetrics', errors: { matches: '5..' } })
  expect(parsed.metrics['prod-prometheus']).toMatchObject({ kind: 'prometheus', interval: '15s', token_env: 'PROMETHEUS_TOKEN' })
})

test('every problem at once, each with line, key, what was expected and an example', () => {
  const text = OPERATOR_EXAMPLE.replace('app_id: 1234', 'app_id: "x"').replace('sweep: 60s', 'sweep: 60').replace('port: 3000', 'port: 3000, hots: x')
  const lines = problems(text).split(/\n(?=operator\.yml)/)
  expect(lines).toHaveLength(3)
  expect(lines[0]).toMatch(/^operator\.yml:1: github\.app_id .*Expected: .*Example: github:/)
  expect(lines[1]).toMatch(/operator\.yml:2: listen\.hots is not a known key/)
  expect(lines[2]).toMatch(/operator\.yml:\d+: sweep .*Example: sweep: 60s/)
})

test.each([
  ['nothing', ''],
  ['no YAML', 'github: [}'],
  ['a key twice', `${OPERATOR_EXAMPLE}sweep: 61s\n`],
  ['__proto__', `${OPERATOR_EXAMPLE}__proto__: {}\n`],
  ['an alias', OPERATOR_EXAMPLE.replace('data_dir: data', 'data_dir: *x')],
  ['another router', OPERATOR_EXAMPLE.replace('weighted-proxy', 'apache')],
  ['a router whose name stands for the deploy workflow', OPERATOR_EXAMPLE.replace('prod-proxy', 'deployment')],
  ['a socket of HAProxy that is none', OPERATOR_EXAMPLE.replace('/run/haproxy/admin.sock', 'http://127.0.0.1:9999')],
  ['a server that would end a command', OPERATOR_EXAMPLE.replace('[c1]', '["c1; shutdown frontend shop"]')],
  ['a server in both groups', OPERATOR_EXAMPLE.replace('[c1]', '[s1]')],
  ['a group of nobody', OPERATOR_EXAMPLE.replace('[c1]', '[]')],
  ['a router that is no web address', OPERATOR_EXAMPLE.replace('http://127.0.0.1:8081', 'file:///etc/passwd')],
  ['a sweep of milliseconds', OPERATOR_EXAMPLE.replace('sweep: 60s', 'sweep: 5ms')],
])('%s is refused', (_, text) => {
  expect(problems(text)).toMatch(/operator\.yml/)
})

test('HAProxy is a router by its socket, its backend and the names of servers', () => {
  const file = operatorFile(folder)
  const edge = { socket: 'tcp://127.0.0.1:9999', backend: 'shop', canary: ['c1'], stable: ['s1', 's2'] }
  writeFileSync(file, `${readFileSync(file, 'utf8')}routers: { edge: ${JSON.stringify({ kind: 'haproxy', ...edge })} }\n`)
  const operator = loadOperator(file, { WEBHOOK_SECRET: SECRET })
  expect(operator.routers).toEqual({ edge: { kind: 'haproxy', source: edge } })
  expect(secretsOf(operator)).toEqual([SECRET])
})

test('a query that compares is refused with its line and the reason, and so is a kind nobody speaks', () => {
  const query = 'errors: sum(http_requests_total{track="canary",code=~"5.."}) or vector(0)'
  expect(OPERATOR_EXAMPLE).toContain(query)
  const at = OPERATOR_EXAMPLE.split('\n').findIndex((line) => line.includes(query)) + 1
  const compared = problems(OPERATOR_EXAMPLE.replace(query, 'errors: sum(rate(http_requests_total[5m])) > 0.01'))
  expect(compared).toMatch(
    new RegExp(`^operator\\.yml:${at}: metrics\\.prod-prometheus\\.canary\\.errors .*without >: .*absence would look like health`),
  )
  expect(problems(OPERATOR_EXAMPLE.replace('kind: prometheus', 'kind: graphite'))).toMatch(
    /metrics\.prod-prometheus\.kind .*openmetrics or prometheus/,
  )
})

test('looks must not be so short that a version stands still between two scrapes', () => {
  expect(problems(OPERATOR_EXAMPLE.replace('look: 6s', 'look: 5999ms'))).toMatch(/look .*6000ms or more: prod-prometheus is scraped every 15s/)
  expect(problems(OPERATOR_EXAMPLE.replace('interval: 15s', 'interval: 16s'))).toMatch(/6400ms or more/)
})

test('the token of a metrics server is taken from the environment, and is a secret', () => {
  const file = operatorFile(folder)
  const entry = /^ {2}prod-prometheus:\n(?: {4}.*\n)+/m.exec(OPERATOR_EXAMPLE)?.[0] ?? ''
  writeFileSync(file, `${readFileSync(file, 'utf8').replace(/^look:.*\n/m, '')}metrics:\n${entry}look: 6s\n`)
  const operator = loadOperator(file, { WEBHOOK_SECRET: SECRET, PROMETHEUS_TOKEN: ' a-token\n' })
  expect(operator.metrics['prod-prometheus']).toMatchObject({ kind: 'prometheus', source: { token: 'a-token', url: 'http://127.0.0.1:9090' } })
  expect(secretsOf(operator)).toContain('a-token')
  for (const token of [undefined, ' ', 'two words', 'two\nlines'])
    expect(() => loadOperator(file, { WEBHOOK_SECRET: SECRET, PROMETHEUS_TOKEN: token })).toThrow(
      /metrics\.prod-prometheus\.token_env: PROMETHEUS_TOKEN/,
    )
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^ +token_env: .*\n/m, ''))
  expect(loadOperator(file, { WEBHOOK_SECRET: SECRET }).metrics['prod-prometheus']).toMatchObject({ source: { token: null } })
})

test('a webhook is named with its address and its secret, each of which may stand in the environment', () => {
  const file = operatorFile(folder)
  const plain = readFileSync(file, 'utf8')
  const write = (entry: string): void => writeFileSync(file, `${plain}webhooks: { desk: ${entry} }\n`)
  const secret = 'c2VjcmV0IG9mIG1vcmUgdGhhbiAyNCBieXRlcw=='
  write('{ url: "https://desk.example.com/ask", secret_env: DESK_SECRET }')
  const operator = loadOperator(file, { WEBHOOK_SECRET: SECRET, DESK_SECRET: `whsec_${secret}\n` })
  expect(operator.webhooks['desk']).toEqual({ url: 'https://desk.example.com/ask', secret: Buffer.from(secret, 'base64') })
  expect(secretsOf(operator)).toContain(secret)
  for (const wrong of [undefined, '', 'short'])
    expect(() => loadOperator(file, { WEBHOOK_SECRET: SECRET, DESK_SECRET: wrong })).toThrow(/webhooks\.desk\.secret_env: DESK_SECRET/)
  write('{ url_env: DESK_URL }')
  expect(loadOperator(file, { WEBHOOK_SECRET: SECRET, DESK_URL: 'https://desk.example.com/t/x' }).webhooks['desk']).toEqual({
    url: 'https://desk.example.com/t/x',
    secret: null,
  })
  expect(() => loadOperator(file, { WEBHOOK_SECRET: SECRET, DESK_URL: 'ftp://desk' })).toThrow(/webhooks\.desk\.url_env: DESK_URL/)
  for (const both of ['{}', '{ url: "https://a.example.com", url_env: DESK_URL }']) {
    write(both)
    expect(() => loadOperator(file, { WEBHOOK_SECRET: SECRET })).toThrow(/webhooks\.desk\.url .*either url or url_env/)
  }
})

test('files that are missing or hold no key are named by key and path', () => {
  const file = operatorFile(folder)
  writeFileSync(join(folder, 'app.pem'), 'no key')
  expect(() => loadOperator(file, { WEBHOOK_SECRET: SECRET })).toThrow(/github\.private_key_file: .*app\.pem holds no private key/)
  rmSync(join(folder, 'app.pem'))
  expect(() => loadOperator(file, { WEBHOOK_SECRET: SECRET })).toThrow(expect.objectContaining({ code: 'unreadable', exitCode: 2 }))
  expect(() => loadOperator(join(folder, 'absent.yml'), {})).toThrow(expect.objectContaining({ code: 'unreadable' }))
})

test('the database address must be one of PostgreSQL, and its password is a secret', () => {
  const file = operatorFile(folder)
  const environment = { WEBHOOK_SECRET: SECRET, WEBHOOK_SECRET_PREVIOUS: 'y'.repeat(40) }
  expect(() => loadOperator(file, { ...environment, DATABASE_URL: 'mysql://x' })).toThrow(expect.objectContaining({ code: 'invalid' }))
  const operator = loadOperator(file, { ...environment, DATABASE_URL: 'postgres://app:pass%20word@db/x' })
  expect(secretsOf(operator)).toEqual([SECRET, 'y'.repeat(40), 'pass word'])
})

test('without a strong webhook secret there is no operator (T32)', () => {
  const file = operatorFile(folder)
  for (const secret of [undefined, '', 'development', 'x'.repeat(31)])
    expect(() => loadOperator(file, { WEBHOOK_SECRET: secret })).toThrow(expect.objectContaining({ code: 'weak-secret', exitCode: 2 }))
})

/** The example with another `sigstore`. */
const sigstore = (lines: string): string => OPERATOR_EXAMPLE.replace(/^sigstore:\n(?: .*\n)+/m, `sigstore:\n${lines}\n`)

test('a transparency log needs the root its entries are checked against; both are optional, and so is the clock', () => {
  const without = loadOperator(operatorFile(folder), { WEBHOOK_SECRET: SECRET })
  expect([without.trustedRoot, without.rekor, without.tsaUrl]).toEqual([null, null, null])
  const rekor = '  rekor: { url: http://127.0.0.1:9, version: 2 }'
  expect(problems(sigstore(rekor))).toMatch(/sigstore\.trusted_root_file .*is kept only after it was verified/)
  expect(problems(sigstore(`  trusted_root_file: root.json\n${rekor.replace('version: 2', 'version: 3')}`))).toMatch(/sigstore\.rekor\.version/)
  expect(problems(sigstore('  tsa: { url: file:///etc/passwd }'))).toMatch(/sigstore\.tsa\.url/)
  expect(problems(sigstore('  tsa: { url: http://127.0.0.1:9 }'))).toMatch(/sigstore\.trusted_root_file/)
  const file = operatorFile(folder)
  writeFileSync(join(folder, 'root.json'), JSON.stringify(new Sigstore().root()))
  writeFileSync(file, `${readFileSync(file, 'utf8')}sigstore:\n  trusted_root_file: root.json\n${rekor}\n`)
  const operator = loadOperator(file, { WEBHOOK_SECRET: SECRET })
  expect(operator).toMatchObject({ rekor: { url: 'http://127.0.0.1:9', version: 2 }, tsaUrl: null })
  expect(operator.trustedRoot?.bytes).toEqual(readFileSync(join(folder, 'root.json')))
  writeFileSync(join(folder, 'root.json'), '{}')
  expect(() => loadOperator(file, { WEBHOOK_SECRET: SECRET })).toThrow(/sigstore\.trusted_root_file: .*root\.json/)
})

test("the signing key may be cosign's, opened with COSIGN_PASSWORD", () => {
  const file = operatorFile(folder)
  const plain = loadOperator(file, { WEBHOOK_SECRET: SECRET }).signing.key
  const name =
    /key_file: (\S+?)[ ,}]/.exec(
      readFileSync(file, 'utf8')
        .split('\n')
        .find((line) => line.startsWith('signing')) ?? '',
    )?.[1] ?? ''
  const der = createPrivateKey(plain).export({ type: 'pkcs8', format: 'der' })
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^signing: .*$/m, 'signing: { id: demo, key_file: cosign.key }'))
  writeFileSync(join(folder, 'cosign.key'), cosignKey(der, 'right'))
  expect(name).not.toBe('')
  expect(createPublicKey(loadOperator(file, { WEBHOOK_SECRET: SECRET, COSIGN_PASSWORD: 'right' }).signing.key)).toEqual(createPublicKey(plain))
  for (const password of [undefined, 'wrong'])
    expect(() => loadOperator(file, { WEBHOOK_SECRET: SECRET, COSIGN_PASSWORD: password })).toThrow(/signing\.key_file: .*COSIGN_PASSWORD/)
})

test('a policy server is named by the environment; its token is a secret', () => {
  const file = operatorFile(folder)
  const environment = { WEBHOOK_SECRET: SECRET }
  expect(loadOperator(file, environment).policyServer).toBeNull()
  const operator = loadOperator(file, { ...environment, OPA_URL: 'http://127.0.0.1:8181', OPA_TOKEN: ' opa-token\n' })
  expect(operator.policyServer).toEqual({ url: 'http://127.0.0.1:8181/v1/data/release_conductor/commands/decision', token: 'opa-token' })
  expect(secretsOf(operator)).toContain('opa-token')
  expect(() => loadOperator(file, { ...environment, OPA_URL: 'file:///etc/passwd' })).toThrow(/OPA_URL/)
})
