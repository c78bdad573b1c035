import { describe, expect, test } from 'vitest'
import type { ManifestFile } from '../../../agents/collect/inputs.deploy.ts'
import { selects } from '../../../agents/platform/platform-devops.cluster.ts'
import { platformDevops } from '../../../agents/platform/platform-devops.ts'
import { catchesUnplanted, faultsMissed } from '../faults.ts'

const CATCHES = [
  'runAsRoot',
  'privileged',
  'hostPath',
  'no limits',
  'latest tag',
  'missing NetworkPolicy',
  'single replica without PDB',
  'unknown field',
  'rights that lead to more of them',
  'a chart that nobody rendered',
  'Terraform without a plan',
]
const head = 'b'.repeat(40)
const healthy = platformDevops.planted.find(({ expected }) => expected === 'green')?.inputs.manifests.files[0]?.text ?? ''

function looked(files: readonly (Partial<ManifestFile> & { readonly path: string })[], charts: readonly string[] = []) {
  const whole = files.map((file): ManifestFile => ({ text: '', why: null, kind: 'kubernetes', ...file }))
  return platformDevops.assess({ manifests: { head, charts: [...charts], files: whole } }, {})
}

function found(text: string, kind: ManifestFile['kind'] = 'kubernetes'): string[] {
  return looked([{ path: 'a', text, kind }]).findings.map(({ rule, severity, line }) =>
    `${rule.replace(/^\w+\./, '')} ${severity} ${line ?? ''}`.trim(),
  )
}

/** The healthy service with other objects beside it. */
function beside(...objects: readonly string[]): string {
  return [healthy, ...objects].join('---\n')
}

test('everything the roster says it catches is planted, with a twin, and found', () => {
  expect(catchesUnplanted(platformDevops, CATCHES)).toEqual([])
  expect(faultsMissed(platformDevops)).toEqual([])
})

test('no manifest, and custom resources alone, are nothing measured; a file that cannot be read is an error and not counted', () => {
  const none = looked([])
  expect(none).toMatchObject({
    measurements: [{ measured: { n: 0 } }],
    next: expect.stringContaining('not_applicable.hardening.manifests') as string,
  })
  const custom = looked([{ path: 'slo.yaml', text: 'apiVersion: openslo/v1\nkind: SLO\nmetadata: { name: a }\n' }])
  expect(custom.measurements).toMatchObject([{ metrics: { manifests: 0, objects: 1, custom_objects: 1 }, measured: { n: 0 } }])
  const link = looked([{ path: 'a.yaml', text: null, why: 'it is a symbolic link' }])
  expect(link.findings).toMatchObject([{ rule: 'manifest.unread', path: 'a.yaml' }])
  expect(link.measurements).toMatchObject([{ metrics: { manifests: 0, manifests_unread: 1 } }])
})

test('templates of a chart and patches of a kustomization are not counted as manifests; the chart and each patch are told', () => {
  const kustomization =
    'resources: [app.yaml]\npatches: [{ path: ../more/patch.yaml }, { patch: "inline: true\\n" }]\npatchesStrategicMerge: [second.yaml]\n'
  const part = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: shop }\nspec: { replicas: 1 }\n'
  const report = looked(
    [
      { path: 'chart/Chart.yaml', text: 'apiVersion: v2\nname: shop\n', kind: 'chart' },
      { path: 'chart/templates/app.yaml', text: '# Source: shop/\napiVersion: v1\nkind: Pod\nmetadata: {{ name }}\n' },
      { path: 'deploy/base/kustomization.yaml', text: kustomization },
      { path: 'deploy/base/second.yaml', text: part },
      { path: 'deploy/more/patch.yaml', text: part },
      { path: 'deploy/unlisted.yaml', text: `${part}---\n${part.replace('replicas: 1', 'template: { spec: { volumes: [{ $patch: delete }] } }')}` },
    ],
    ['chart/Chart.yaml'],
  )
  expect(report.findings.map(({ rule, severity, path }) => [rule, severity, path])).toEqual([
    ['manifest.chart-unrendered', 'error', 'chart/Chart.yaml'],
    ...['deploy/base/second.yaml', 'deploy/more/patch.yaml', 'deploy/unlisted.yaml'].map((path) => ['manifest.unrendered', 'warning', path]),
  ])
  expect(report.measurements).toMatchObject([{ metrics: { manifests: 0 }, measured: { n: 0 } }])
})

const chart = (path: string, text: string) => ({ path, text, kind: 'chart' as const })
const rendered = (source: string) => ({ path: 'deploy/prod.yaml', text: `---\n# Source: ${source}\napiVersion: v1\nkind: Namespace\n` })

describe('a chart is told once, unless what it makes lies here', () => {
  const shop = chart('charts/shop/Chart.yaml', 'apiVersion: v2\nname: shop\n')
  const part = chart('charts/shop/charts/redis/Chart.yaml', 'apiVersion: v2\nname: redis\n')

  test.each([
    ['the charts inside of it are rendered with it', [shop, part], ['charts/shop/Chart.yaml']],
    ['rendered, with what is inside of it', [shop, part, rendered('shop/charts/redis/templates/a.yaml')], []],
    ['rendered from another chart of a longer name', [shop, rendered('shop-2/templates/a.yaml')], ['charts/shop/Chart.yaml']],
    ['a library', [chart('lib/Chart.yaml', 'apiVersion: v2\nname: lib\ntype: library\n')], []],
    ['without a name that can be read, it is called like its folder', [chart('charts/shop/Chart.yaml', 'name: {{'), rendered('shop/a.yaml')], []],
    ['at the root, without a name', [chart('Chart.yaml', '[]'), rendered('shop/a.yaml')], ['Chart.yaml']],
  ])('%s', (_what, files, told) => {
    const charts = files.flatMap((file) => ('kind' in file ? [file.path] : []))
    const { findings } = looked(files, charts)
    expect(findings.filter(({ rule }) => rule === 'manifest.chart-unrendered').map(({ path }) => path)).toEqual(told)
  })
})

describe('fields', () => {
  test.each([
    ['a number where a text is wanted', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { PORT: 8080 }\n', ['wrong-type error 4']],
    ['a text where a list is', 'apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { ports: http }\n', ['wrong-type error 4']],
    ['a list where a map is', 'apiVersion: v1\nkind: Namespace\nmetadata: [a]\n', ['wrong-type error 3']],
    ['a field at the top', 'apiVersion: v1\nkind: Namespace\nmetadata: { name: a }\nspecs: {}\n', ['unknown-field error 4']],
    ['a kind that is gone', 'apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: { name: a }\n', ['unknown-kind error 2']],
    ['amounts as numbers', 'apiVersion: v1\nkind: ResourceQuota\nmetadata: { name: a }\nspec: { hard: { pods: 4 } }\n', []],
    [
      'a port by name or number',
      'apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: { ports: [{ port: 1, targetPort: http }, { port: 2, targetPort: 8080 }] }\n',
      [],
    ],
    ['what kustomize changes objects with', 'apiVersion: builtin\nkind: LabelTransformer\nmetadata: { name: a }\nlabels: { a: b }\n', []],
    ['an event of either group', 'apiVersion: events.k8s.io/v1\nkind: Event\nmetadata: { name: a }\n', []],
    [
      'items of a List',
      'apiVersion: v1\nkind: List\nitems:\n  - { apiVersion: v1, kind: Namespace, metadata: { name: a }, x: 1 }\n',
      ['unknown-field error 4'],
    ],
  ])('%s', (_what, text, findings) => {
    expect(found(text)).toEqual(findings)
  })

  test('of a hundred wrong fields twenty are told', () => {
    const fields = Array.from({ length: 100 }, (_, at) => `x${at}: 1`).join('\n')
    expect(found(`apiVersion: v1\nkind: Namespace\nmetadata: { name: a }\n${fields}\n`)).toHaveLength(20)
  })
})

const scaler = (target: string, least = 2) =>
  `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: { name: a, namespace: shop }\nspec: { minReplicas: ${least}, maxReplicas: 5, scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: ${target} } }\n`
const binding =
  'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: { name: a }\nroleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin }\n'
const role = (verbs: string) =>
  `apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: { name: a }\nrules: [{ apiGroups: [""], resources: [pods], verbs: ${verbs} }]\n`
const service = (app: string, namespace = 'shop') =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: a, namespace: ${namespace} }\nspec: { selector: { app: ${app} }, ports: [{ port: 80 }] }\n`
/** Like nothing that anybody has. */
const RANDOM = Array.from('abcdefghij', (letter, at) => `${letter}${at}`).join('')
const settings = (text: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\ndata: { shop.ini: "${text}" }\n`
const secret = (more: string) => `apiVersion: v1\nkind: Secret\nmetadata: { name: a }\n${more}`

const plan = (type: string, after: object | null, more: object = {}) =>
  JSON.stringify({
    format_version: '1.2',
    terraform_version: '1',
    resource_changes: [{ address: `${type}.a`, type, change: { actions: ['create'], after } }],
    ...more,
  })

describe('several objects together', () => {
  test.each([
    ['a scaler of nothing', beside(scaler('other')), ['scales-nothing warning 34']],
    ['a scaler whose least is above its most', beside(scaler('shop', 6)), ['scales-backwards error 34']],
    ['a scaler of the shop', beside(scaler('shop')), []],
    ['every right by binding', beside(binding), ['cluster-admin error 34']],
    [
      'a right for the account of every pod',
      beside(`${binding.replace('cluster-admin', 'view')}subjects: [{ kind: ServiceAccount, name: default }]\n`),
      ['default-account warning 35'],
    ],
    ['every verb', beside(role('["*"]')), ['every-right warning 34']],
    ['one verb', beside(role('[get]')), []],
    ['every secret of a namespace', beside(role('[get]').replace('[pods]', '[secrets]')), ['secrets-of-namespace warning 34']],
    ['a service of nothing', beside(service('other')), ['serves-nothing warning 34']],
    ['a service in another namespace', beside(service('shop', 'other')), ['serves-nothing warning 34']],
    ['a service of the shop', beside(service('shop')), []],
    ['a secret with its value', beside(secret('stringData: { password: hunter2 }\n')), ['secret-in-repository error 34']],
    ['a secret without one', beside(secret('type: Opaque\n')), []],
    ['a secret with a key and nothing in it', beside(secret('data: { password: "" }\n')), []],
    ['settings with a token', beside(settings(`a: 1\\nsecret_key = ${RANDOM}\\n`)), ['secret-in-config error 34']],
    ['settings with a token as it is known', beside(settings(`url: https://shop:${RANDOM}@db.example/\\n\\n`)), ['secret-in-config error 34']],
    ['a password as one value', beside(settings('x').replace('shop.ini: "x"', `PASSWORD: ${RANDOM}`)), ['secret-in-config error 34']],
    ['settings with words', beside(settings('secret_key = the-name-of-a-secret\\ntoken: ${TOKEN_OF_THE_SHOP_1}\\n')), []],
    ['settings with a digest', beside(settings(`digest: ${RANDOM}\\n`)), []],
    [
      'a deployment that selects other pods',
      healthy.replace('matchLabels: { app: shop } }', 'matchLabels: { app: web } }'),
      ['selector-mismatch error 6'],
    ],
    [
      'one replica that a scaler makes two',
      beside(scaler('shop'))
        .replace('replicas: 2', 'replicas: 1')
        .replace(/---\napiVersion: policy[\s\S]*?(?=---)/, ''),
      ['no-disruption-budget warning 5'],
    ],
    [
      'a pod of a cron job',
      healthy.replace(
        /^apiVersion: apps[\s\S]*?(?=---)/,
        'apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: a, namespace: shop }\nspec: { schedule: "@daily", jobTemplate: { spec: { template: { metadata: { labels: { app: shop } }, spec: { automountServiceAccountToken: false, hostPID: true } } } } }\n',
      ),
      ['host-namespace error 4'],
    ],
  ])('%s', (_what, text, findings) => {
    expect(found(text)).toEqual(findings)
  })

  test.each([
    [{ matchLabels: { a: '1' } }, { a: '1', b: '2' }, true],
    [{ matchLabels: { a: '1', c: '3' } }, { a: '1' }, false],
    [{}, {}, true],
    [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['1', '2'] }] }, { a: '2' }, true],
    [{ matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['1'] }] }, { a: '1' }, false],
    [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }, {}, false],
    [{ matchExpressions: [{ key: 'a', operator: 'DoesNotExist' }] }, {}, true],
  ])('%j chooses %j: %s', (selector, labels, chosen) => {
    expect(selects(selector, labels)).toBe(chosen)
  })
})

test('what a container should have and lacks is a warning; a secret in its variables an error', () => {
  const bare = healthy
    .replace(/ {10}readinessProbe.*\n {10}livenessProbe.*\n/, '          env: [{ name: DB_PASSWORD, value: hunter2 }, { name: LOG, value: debug }]\n')
    .replace('requests: { cpu: 100m, memory: 64Mi }, ', '')
    .replace('      automountServiceAccountToken: false\n', '')
  expect(found(bare)).toEqual([
    'token-mounted warning 9',
    'no-requests warning 15',
    'no-readiness warning 12',
    'no-liveness warning 12',
    'secret-in-env error 14',
  ])
})

describe('plans of Terraform', () => {
  test.each<[string, string, string[]]>([
    [
      'ssh for everybody',
      plan('aws_security_group', { ingress: [{ from_port: 20, to_port: 25, protocol: 'tcp', cidr_blocks: ['0.0.0.0/0'] }] }),
      ['open-to-the-world error'],
    ],
    [
      'https for everybody',
      plan('aws_security_group', { ingress: [{ from_port: 443, to_port: 443, protocol: 'tcp', cidr_blocks: ['0.0.0.0/0'] }] }),
      [],
    ],
    [
      'every port for everybody',
      plan('aws_security_group_rule', { type: 'ingress', from_port: 0, to_port: 0, protocol: '-1', ipv6_cidr_blocks: ['::/0'] }),
      ['open-to-the-world error'],
    ],
    [
      'a firewall with every port',
      plan('google_compute_firewall', { source_ranges: ['0.0.0.0/0'], allow: [{ protocol: 'tcp', ports: [] }] }),
      ['open-to-the-world error'],
    ],
    ['a bucket for everybody', plan('aws_s3_bucket_acl', { acl: 'public-read' }), ['public-bucket error']],
    ['a disk in the clear', plan('aws_ebs_volume', { encrypted: false }), ['not-encrypted error']],
    [
      'every right',
      plan('aws_iam_policy', { policy: JSON.stringify({ Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }) }),
      ['every-right error'],
    ],
    [
      'some rights',
      plan('aws_iam_policy', { policy: JSON.stringify({ Statement: { Effect: 'Allow', Action: ['s3:GetObject'], Resource: '*' } }) }),
      [],
    ],
    ['a policy that is no JSON', plan('aws_iam_policy', { policy: 'x' }), []],
    ['a plan that was not finished', plan('null_resource', null, { errored: true }), ['errored error']],
    ['a format from the future', plan('null_resource', null, { format_version: '2.0' }), ['broken error']],
    ['no JSON', '{"terraform_version"', ['broken error']],
  ])('%s', (_what, text, findings) => {
    expect(found(text, 'terraform')).toEqual(findings)
  })
})

test.each([
  ['well', '[pgbouncer]\nlisten_addr = 10.0.0.1\nserver_tls_sslmode = verify-full\n', []],
  ['for everybody, in the clear', '[pgbouncer]\nlisten_addr = *\nserver_tls_sslmode = require\n', ['clear-text error 2']],
  ['for everybody, encrypted', '[pgbouncer]\nlisten_addr = 0.0.0.0, ::\nclient_tls_sslmode = require\nserver_tls_sslmode = require\n', []],
  ['to the database in the clear', '; a comment\n[pgbouncer]\n', ['server-clear-text warning 1']],
  [
    'without limits, twice, and with a line that is none',
    '[pgbouncer]\nserver_tls_sslmode = require\nmax_client_conn = 5\nmax_client_conn = 0\noops\n',
    ['doubled-key error 4', 'broken error 5', 'no-limit error 4'],
  ],
])('a pooler %s', (_what, text, findings) => {
  expect(found(text, 'pgbouncer')).toEqual(findings)
})
