/** A Terraform plan (`terraform show -json`) -> what it would open to the world, leave unencrypted, or destroy with its data. Pure. */
import type { Finding } from '../../evidence/model/finding.ts'
import type { ManifestFile } from '../collect/inputs.deploy.ts'
import { isRecord } from '../yaml.ts'
import { fieldsOf, listOf, wordOf, type Fields } from './platform-devops.objects.ts'

/** What holds data that does not come back. */
const KEEPS_DATA =
  /^(?:aws_(?:db_instance|rds_cluster|dynamodb_table|s3_bucket|efs_file_system|ebs_volume|elasticache_replication_group)|google_(?:sql_database_instance|storage_bucket|compute_disk|bigtable_instance)|azurerm_(?:postgresql_flexible_server|mssql_database|storage_account|managed_disk)|kubernetes_persistent_volume_claim.*)$/
const FORMAT = /^1\.\d+$/
const WORLD: ReadonlySet<unknown> = new Set(['0.0.0.0/0', '::/0', '*', 'Internet', 'any'])
/** Doors for administrators and databases. */
const INNER = [22, 3389, 3306, 5432, 6379, 9200, 27_017]

/** Each folder that is applied, when the commit holds no plan at all: a plan does not say of which folder it is. What would change, nobody looked at. */
export function unplannedFindings(files: readonly ManifestFile[]): readonly Finding[] {
  if (files.some(({ kind }) => kind === 'terraform')) return []
  const roots = files.filter(({ kind }) => kind === 'configuration').map(({ path }) => path)
  const folders = Map.groupBy(roots.toSorted(), (path) => path.slice(0, path.lastIndexOf('/') + 1))
  return [...folders].map(([folder, [path = '']]) => ({
    rule: 'terraform.unplanned',
    severity: 'error',
    path: path.slice(0, 500),
    message: `No plan lies here, so nobody looked at what ${folder === '' ? 'the Terraform of this repository' : folder} would change`.slice(0, 1000),
    next: 'Commit what `terraform show -json` prints of its plan, without sensitive values; or grant an exception for this path where it runs nothing of the release.',
  }))
}

export function terraformFindings(path: string, text: string): { readonly findings: readonly Finding[]; readonly resources: number } {
  const findings: Finding[] = []
  const say = (rule: string, subject: string, message: string, next: string, severity: Finding['severity'] = 'error'): void => {
    findings.push({
      rule: `terraform.${rule}`,
      severity,
      path: path.slice(0, 500),
      subject: subject.slice(0, 500),
      message: message.slice(0, 1000),
      next,
    })
  }
  let plan: Fields
  try {
    plan = fieldsOf(JSON.parse(text))
  } catch {
    say('broken', 'the plan', 'The file is no JSON', 'Write it with `terraform show -json plan`.')
    return { findings, resources: 0 }
  }
  if (typeof plan['format_version'] !== 'string' || !FORMAT.test(plan['format_version']))
    say('broken', 'the plan', `The format ${wordOf(plan['format_version']).slice(0, 20)} of this plan is not known`, 'Write it with Terraform 1.x.')
  if (plan['errored'] === true) say('errored', 'the plan', 'Terraform could not finish this plan', 'Mend it, and plan again.')
  const changes = listOf(plan['resource_changes']).filter(isRecord)
  for (const change of changes) {
    const [address, type] = [wordOf(change['address']) || 'a resource without an address', wordOf(change['type'])]
    const { actions, after } = fieldsOf(change['change'])
    if (listOf(actions).includes('delete') && KEEPS_DATA.test(type))
      say('destroys-data', address, `${address} would be destroyed, with the data it holds`, 'Keep it (`prevent_destroy`), or move the data first.')
    if (isRecord(after)) resourceFindings(address, type, after, say)
  }
  return { findings, resources: changes.length }
}

type Say = (rule: string, subject: string, message: string, next: string, severity?: Finding['severity']) => void

function resourceFindings(address: string, type: string, after: Fields, say: Say): void {
  const doors = /^aws_(?:security_group|default_security_group)$/.test(type)
    ? listOf(after['ingress']).map(fieldsOf)
    : type === 'aws_vpc_security_group_ingress_rule' || (type === 'aws_security_group_rule' && after['type'] === 'ingress')
      ? [after]
      : []
  for (const door of doors)
    if (isOpen(door)) say('open-to-the-world', address, `${address} lets everybody in at ${portsOf(door)}`, 'Name the networks that need it.')
  if (
    type === 'google_compute_firewall' &&
    (after['direction'] ?? 'INGRESS') === 'INGRESS' &&
    listOf(after['source_ranges']).some((one) => WORLD.has(one))
  )
    for (const allowed of listOf(after['allow']).map(fieldsOf))
      if (listOf(allowed['ports']).length === 0 || listOf(allowed['ports']).some((port) => INNER.includes(Number(port))))
        say('open-to-the-world', address, `${address} lets everybody in`, 'Name the networks that need it.')
  if (wordOf(after['acl']).startsWith('public-'))
    say('public-bucket', address, `${address} can be read by everybody (acl ${wordOf(after['acl'])})`, 'Take the acl out, and block public access.')
  if (after['publicly_accessible'] === true)
    say('public-database', address, `${address} has an address of the internet`, 'Say `publicly_accessible = false`.')
  if (after['storage_encrypted'] === false || (type === 'aws_ebs_volume' && after['encrypted'] === false))
    say('not-encrypted', address, `${address} keeps its data unencrypted`, 'Say that it is encrypted.')
  if (type === 'aws_iam_policy' && grantsAll(after['policy']))
    say('every-right', address, `${address} grants every action on everything`, 'Name the actions that are needed.')
}

function isOpen(door: Fields): boolean {
  const from = [...listOf(door['cidr_blocks']), ...listOf(door['ipv6_cidr_blocks']), door['cidr_ipv4'], door['cidr_ipv6']]
  if (!from.some((one) => WORLD.has(one))) return false
  const [low, high] = [Number(door['from_port'] ?? 0), Number(door['to_port'] ?? 65_535)]
  const protocol = wordOf(door['protocol'] ?? door['ip_protocol'])
  return protocol === '-1' || INNER.some((port) => port >= low && port <= high)
}

function portsOf(door: Fields): string {
  return door['from_port'] === undefined || door['from_port'] === null
    ? 'every port'
    : `ports ${wordOf(door['from_port'])} to ${wordOf(door['to_port'])}`
}

function grantsAll(policy: unknown): boolean {
  if (typeof policy !== 'string') return false
  try {
    const statements = [fieldsOf(JSON.parse(policy))['Statement']].flat()
    return statements.some((one) => {
      const { Effect: effect, Action: action, Resource: resource } = fieldsOf(one)
      return effect === 'Allow' && [action].flat().includes('*') && [resource].flat().includes('*')
    })
  } catch {
    return false
  }
}
