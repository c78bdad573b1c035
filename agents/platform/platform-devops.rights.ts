/** What an object gives away: every right, rights that lead to more of them, lines of a proxy's configuration. Pure. */
import { fieldsOf, listOf, type Fields, type KubernetesObject, type Say } from './platform-devops.objects.ts'

const RBAC = 'rbac.authorization.k8s.io'

/** Rights by which their holder gets others: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#kubernetes-rbac-privilege-escalation-risks */
const LADDERS: readonly {
  readonly does: string
  readonly group: string
  readonly verbs: readonly string[]
  readonly resources: readonly string[]
}[] = [
  { does: 'write rights that it does not have', group: RBAC, verbs: ['escalate'], resources: ['roles', 'clusterroles'] },
  {
    does: 'hand on rights that it does not have',
    group: RBAC,
    verbs: ['bind'],
    resources: ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'],
  },
  { does: 'act as others', group: '', verbs: ['impersonate'], resources: ['users', 'groups', 'serviceaccounts'] },
  { does: 'get tokens of others', group: '', verbs: ['create'], resources: ['serviceaccounts/token'] },
  { does: 'run commands in pods of others', group: '', verbs: ['create'], resources: ['pods/exec', 'pods/attach', 'nodes/proxy'] },
  {
    does: 'change what the API takes from everybody',
    group: 'admissionregistration.k8s.io',
    verbs: ['create', 'update', 'patch'],
    resources: ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
  },
  {
    does: 'make certificates for others',
    group: 'certificates.k8s.io',
    verbs: ['update', 'patch', 'approve'],
    resources: ['certificatesigningrequests/approval', 'signers'],
  },
  { does: 'send traffic elsewhere (CVE-2020-8554)', group: '', verbs: ['update', 'patch'], resources: ['services/status'] },
]
const READ_SECRETS = { group: '', verbs: ['get', 'list', 'watch'], resources: ['secrets'] }
/** Text of an annotation that an ingress controller pastes into its own configuration. */
const SNIPPET = /^nginx\.ingress\.kubernetes\.io\/(?:[\w-]+-)?snippet$/

export function rightsFindings(object: KubernetesObject, say: Say): void {
  const title = `${object.kind} ${object.name || 'without a name'}`
  if (/^(?:Cluster)?RoleBinding$/.test(object.kind)) bindingFindings(object, title, say)
  if (/^(?:Cluster)?Role$/.test(object.kind))
    listOf(object.value['rules']).forEach((rule, index) => ruleFindings(object, fieldsOf(rule), ['rules', index], title, say))
  const annotations = fieldsOf(fieldsOf(object.value['metadata'])['annotations'])
  for (const key of Object.keys(annotations).filter((name) => SNIPPET.test(name)))
    say(
      object,
      'ingress-snippet',
      'error',
      ['metadata', 'annotations', key],
      `${title} writes into the configuration of the ingress controller, whose rights and secrets it so gets (CVE-2021-25742)`,
      'Use an annotation that does just what is wanted, and let the controller refuse snippets.',
    )
}

function bindingFindings(object: KubernetesObject, title: string, say: Say): void {
  if (fieldsOf(object.value['roleRef'])['name'] === 'cluster-admin')
    say(object, 'cluster-admin', 'error', ['roleRef'], `${title} gives every right of the cluster`, 'Bind a role with the rights that are needed.')
  listOf(object.value['subjects']).forEach((subject, index) => {
    const { kind, name } = fieldsOf(subject)
    if (kind === 'ServiceAccount' && name === 'default')
      say(
        object,
        'default-account',
        'warning',
        ['subjects', index],
        `${title} gives rights to the account that every pod has which names none`,
        'Give the pods that need them an account of their own.',
      )
  })
}

function ruleFindings(object: KubernetesObject, rule: Fields, at: readonly (string | number)[], title: string, say: Say): void {
  const next = 'Name the rights that are needed, of named objects where that is possible.'
  const every = ['verbs', 'resources', 'apiGroups'].filter((key) => listOf(rule[key]).includes('*'))
  if (every.includes('verbs') || every.includes('resources'))
    say(object, 'every-right', 'warning', at, `${title} gives all ${every.join(' of all ')}`, next)
  if (listOf(rule['resourceNames']).length > 0) return
  const does = LADDERS.filter((ladder) => gives(rule, ladder)).map((ladder) => ladder.does)
  if (object.kind === 'ClusterRole' && gives(rule, READ_SECRETS)) does.push('read every secret')
  if (object.kind === 'Role' && gives(rule, READ_SECRETS))
    say(object, 'secrets-of-namespace', 'warning', at, `Who has ${title} may read every secret of its namespace`, next)
  if (does.length > 0) say(object, 'rights-to-more', 'error', at, `Who has ${title} may ${does.join(', ')}`, next)
}

function gives(rule: Fields, { group, verbs, resources }: Omit<(typeof LADDERS)[number], 'does'>): boolean {
  const named = (key: string): ReadonlySet<unknown> => new Set(listOf(rule[key]))
  const [groups, asked, things] = [named('apiGroups'), named('verbs'), named('resources')]
  return (
    (groups.has(group) || groups.has('*')) &&
    (asked.has('*') || verbs.some((verb) => asked.has(verb))) &&
    (things.has('*') || resources.some((one) => things.has(one) || things.has(one.replace(/^[^/]+(?=\/)/, '*'))))
  )
}
