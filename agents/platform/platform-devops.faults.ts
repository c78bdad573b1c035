/** Planted faults of platform-devops: a service that is confined and kept alive, and the same with one thing wrong. */
import type { PlantedInput } from '../agent.ts'

type Given = PlantedInput<'manifests'>['inputs']

const HEALTHY = `apiVersion: apps/v1
kind: Deployment
metadata: { name: shop, namespace: shop }
spec:
  replicas: 2
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      automountServiceAccountToken: false
      securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: shop
          image: ghcr.io/acme/shop@sha256:${'0123456789abcdef'.repeat(4)}
          readinessProbe: { httpGet: { path: /healthz, port: 8080 } }
          livenessProbe: { tcpSocket: { port: 8080 } }
          resources: { requests: { cpu: 100m, memory: 64Mi }, limits: { memory: 128Mi } }
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
      volumes: [{ name: scratch, emptyDir: {} }]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: shop, namespace: shop }
spec: { minAvailable: 1, selector: { matchLabels: { app: shop } } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: shop, namespace: shop }
spec: { podSelector: { matchLabels: { app: shop } }, policyTypes: [Ingress] }
`
const CHART = 'charts/shop/Chart.yaml'
const BUDGET = /---\napiVersion: policy[\s\S]*?(?=---)/

function given(text: string, kind: Given['manifests']['files'][number]['kind'] = 'kubernetes'): Given {
  const path = {
    kubernetes: 'deploy/shop.yaml',
    terraform: 'deploy/plan.json',
    pgbouncer: 'deploy/pgbouncer.ini',
    chart: CHART,
    configuration: 'infra/main.tf',
  }[kind]
  return { manifests: { head: 'b'.repeat(40), charts: [], files: [{ path, text, why: null, kind }] } }
}

/** The service, and beside it a chart. */
function beside(chart: string, service = HEALTHY): Given {
  const { head, files } = given(service).manifests
  return { manifests: { head, charts: [CHART], files: [...files, ...given(chart, 'chart').manifests.files] } }
}

function changed(from: string | RegExp, to: string): Given {
  return given(HEALTHY.replace(from, to))
}

function red(catches: string, rule: string, inputs: Given): PlantedInput<'manifests'> {
  return { catches, expected: 'red', inputs, rules: [rule.includes('.') ? rule : `manifest.${rule}`] }
}

function green(catches: string, inputs: Given): PlantedInput<'manifests'> {
  return { catches, expected: 'green', inputs }
}

/** The service, and a role of the whole cluster with one rule. */
function role(rule: string, kind = 'ClusterRole'): Given {
  return given(`${HEALTHY}---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ${kind}\nmetadata: { name: shop }\nrules: [{ ${rule} }]\n`)
}

function ingress(annotation: string): Given {
  return given(`${HEALTHY}---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: shop, annotations: { ${annotation} } }\n`)
}

const UNSEEN = 'a chart that nobody rendered'
const UNPLANNED = 'Terraform without a plan'
const MORE = 'rights that lead to more of them'

function plan(actions: readonly string[], after: object | null): Given {
  const change = { address: 'aws_db_instance.shop', type: 'aws_db_instance', change: { actions, after } }
  return given(JSON.stringify({ format_version: '1.2', terraform_version: '1.12.0', resource_changes: [change] }), 'terraform')
}

/** And a folder that Terraform applies. */
function unplanned({ manifests: { head, charts, files } }: Given): Given {
  return { manifests: { head, charts, files: [...files, ...given('provider "aws" {}', 'configuration').manifests.files] } }
}

const POOLER =
  '[databases]\nshop = host=db dbname=shop\n[pgbouncer]\nlisten_addr = 127.0.0.1\nauth_type = scram-sha-256\nserver_tls_sslmode = verify-full\n'

export const planted: readonly PlantedInput<'manifests'>[] = [
  red('runAsRoot', 'run-as-root', changed('runAsNonRoot: true, runAsUser: 1000', 'runAsNonRoot: false')),
  red('runAsRoot', 'run-as-root', changed('runAsUser: 1000', 'runAsUser: 0')),
  green('runAsRoot', changed('runAsNonRoot: true, runAsUser: 1000', 'runAsUser: 1000')),
  red('runAsRoot', 'privilege-escalation', changed('allowPrivilegeEscalation: false', 'allowPrivilegeEscalation: true')),
  red('runAsRoot', 'root-writable', changed('readOnlyRootFilesystem: true, ', '')),
  red('runAsRoot', 'capabilities', changed('drop: [ALL]', 'add: [SYS_ADMIN], drop: [ALL]')),
  red('runAsRoot', 'seccomp', changed(', seccompProfile: { type: RuntimeDefault }', '')),
  green('runAsRoot', changed('drop: [ALL]', 'add: [NET_BIND_SERVICE], drop: [all]')),
  red('privileged', 'privileged', changed('securityContext: { allow', 'securityContext: { privileged: true, allow')),
  green('privileged', changed('securityContext: { allow', 'securityContext: { privileged: false, allow')),
  red('hostPath', 'host-path', changed('emptyDir: {}', 'hostPath: { path: /var/run/docker.sock }')),
  red('hostPath', 'host-namespace', changed('automountServiceAccountToken: false', 'hostNetwork: true')),
  red('hostPath', 'host-port', changed('readinessProbe', 'ports: [{ containerPort: 8080, hostPort: 80 }]\n          readinessProbe')),
  green('hostPath', changed('readinessProbe', 'ports: [{ containerPort: 8080, hostPort: 0 }]\n          readinessProbe')),
  green('hostPath', changed('emptyDir: {}', 'persistentVolumeClaim: { claimName: shop }')),
  red('no limits', 'no-limits', changed(', limits: { memory: 128Mi }', '')),
  green('no limits', changed('limits: { memory: 128Mi }', 'limits: { cpu: 1, memory: 128Mi }')),
  red('latest tag', 'image-latest', changed(/@sha256:\w+/, ':latest')),
  red('latest tag', 'image-latest', changed(/@sha256:\w+/, '')),
  red('latest tag', 'image-missing', changed(/image: ghcr.*/, 'imagePullPolicy: Always')),
  green('latest tag', changed(/@sha256:\w+/, ':v1.2.3')),
  red('missing NetworkPolicy', 'no-network-policy', changed(/---\napiVersion: networking[\s\S]*$/, '')),
  red(
    'missing NetworkPolicy',
    'no-network-policy',
    changed('podSelector: { matchLabels: { app: shop } }', 'podSelector: { matchLabels: { app: other } }'),
  ),
  green('missing NetworkPolicy', changed('podSelector: { matchLabels: { app: shop } }', 'podSelector: {}')),
  red('single replica without PDB', 'single-replica', given(HEALTHY.replace('replicas: 2', 'replicas: 1').replace(BUDGET, ''))),
  red('single replica without PDB', 'single-replica', given(HEALTHY.replace('  replicas: 2\n', '').replace(BUDGET, ''))),
  green('single replica without PDB', changed('replicas: 2', 'replicas: 1')),
  green('single replica without PDB', changed(BUDGET, '')),
  red('unknown field', 'unknown-field', changed('readinessProbe', 'readynessProbe')),
  red('unknown field', 'unknown-field', changed('replicas: 2', 'replica: 2')),
  red('unknown field', 'wrong-type', changed('replicas: 2', 'replicas: two')),
  red('unknown field', 'unknown-kind', changed('apiVersion: apps/v1', 'apiVersion: apps/v1beta1')),
  red('unknown field', 'doubled-key', changed('  replicas: 2\n', '  replicas: 2\n  replicas: 3\n')),
  green('unknown field', given(`${HEALTHY}---\napiVersion: example.com/v1\nkind: Shop\nmetadata: { name: a }\nspec: { anything: goes }\n`)),
  red(UNSEEN, 'chart-unrendered', beside('apiVersion: v2\nname: shop\n')),
  red(UNSEEN, 'chart-unrendered', beside('apiVersion: v2\nname: shop\n', `# Source: cart/templates/cart.yaml\n${HEALTHY}`)),
  green(UNSEEN, beside('apiVersion: v2\nname: shop\n', `# Source: shop/templates/shop.yaml\n${HEALTHY}`)),
  green(UNSEEN, beside('apiVersion: v2\nname: shop\ntype: library\n')),
  ...[
    'apiGroups: [rbac.authorization.k8s.io], verbs: [escalate], resources: [clusterroles]',
    'apiGroups: [rbac.authorization.k8s.io], verbs: [bind], resources: [roles]',
    "apiGroups: [''], verbs: [impersonate], resources: [users]",
    "apiGroups: [''], verbs: [create], resources: [serviceaccounts/token]",
    "apiGroups: [''], verbs: [create], resources: [pods/exec]",
    "apiGroups: [''], verbs: ['*'], resources: ['*/exec']",
    'apiGroups: [admissionregistration.k8s.io], verbs: [patch], resources: [mutatingwebhookconfigurations]',
    'apiGroups: [certificates.k8s.io], verbs: [update], resources: [certificatesigningrequests/approval]',
    "apiGroups: [''], verbs: [patch], resources: [services/status]",
    "apiGroups: [''], verbs: [list], resources: [secrets]",
    "apiGroups: ['*'], verbs: ['*'], resources: ['*']",
  ].map((rule) => red(MORE, 'rights-to-more', role(rule))),
  red(MORE, 'ingress-snippet', ingress('nginx.ingress.kubernetes.io/server-snippet: deny all;')),
  green(MORE, role("apiGroups: [''], verbs: [get], resources: [secrets], resourceNames: [shop]")),
  green(MORE, role("apiGroups: [''], verbs: [list], resources: [secrets]", 'Role')),
  green(MORE, role("apiGroups: [''], verbs: [create], resources: [pods, events]")),
  green(MORE, role('apiGroups: [apps.example.com], verbs: [bind], resources: [roles]')),
  green(MORE, ingress('nginx.ingress.kubernetes.io/ssl-redirect: "true"')),
  red(UNPLANNED, 'terraform.unplanned', unplanned(given(HEALTHY))),
  green(UNPLANNED, unplanned(plan(['update'], { publicly_accessible: false, storage_encrypted: true }))),
  red('a plan that opens or destroys what holds data', 'terraform.destroys-data', plan(['delete', 'create'], null)),
  red('a plan that opens or destroys what holds data', 'terraform.public-database', plan(['create'], { publicly_accessible: true })),
  green('a plan that opens or destroys what holds data', plan(['update'], { publicly_accessible: false, storage_encrypted: true })),
  red('a pooler that believes everybody', 'pgbouncer.weak-auth', given(POOLER.replace('scram-sha-256', 'trust'), 'pgbouncer')),
  red(
    'a pooler that believes everybody',
    'pgbouncer.password-in-file',
    given(POOLER.replace('dbname=shop', 'dbname=shop password=hunter2'), 'pgbouncer'),
  ),
  green('a pooler that believes everybody', given(POOLER, 'pgbouncer')),
]
