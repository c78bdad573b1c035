/**
 * What the schema of CycloneDX 1.6 does not say: refs are unique and resolve, purls are purls, digests have their length, something is described and
 * contained. Takes any parsed JSON; answers with every problem as `code: what`, and with none when it holds.
 */
import { isFields } from './fields.ts'
import type { Fields } from './fields.ts'
import { isLicenceExpression } from './licence.ts'
import { isDigest, isMisnamed, parsePurl, Problems, shown } from './problems.ts'
import { isTime } from './time.ts'

const MAX_DEPTH = 50
const SCOPES = new Set<unknown>([undefined, 'required', 'optional', 'excluded'])
const SERIAL = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export function checkCyclonedx(value: unknown): string[] {
  const problems = new Problems()
  if (!isFields(value)) return ['document: no JSON object']
  const { bomFormat, specVersion, serialNumber, version } = value
  problems.must(bomFormat === 'CycloneDX', 'format', () => `bomFormat is ${shown(bomFormat)}, not CycloneDX`)
  problems.must(specVersion === '1.6' || specVersion === '1.5', 'version', () => `specVersion is ${shown(specVersion)}, not 1.5 or 1.6`)
  const isSerial = serialNumber === undefined || (typeof serialNumber === 'string' && SERIAL.test(serialNumber))
  problems.must(isSerial, 'serial-number', () => `serialNumber is ${shown(serialNumber)}`)
  problems.must(version === undefined || (Number.isSafeInteger(version) && Number(version) >= 1), 'version', () => `version is ${shown(version)}`)
  const metadata = isFields(value['metadata']) ? value['metadata'] : {}
  const { timestamp, component } = metadata
  problems.must(typeof timestamp === 'string' && isTime(utcOf(timestamp)), 'timestamp', () => `timestamp is ${shown(timestamp)}, no time`)
  problems.must(isFields(component), 'describes', () => 'metadata.component, what this is the bill of, is missing')
  const refs = new Set<unknown>()
  if (isFields(component)) checkComponents([component], refs, problems, 0)
  const components = list(value, 'components')
  problems.must(components.length > 0 || isAlone(value), 'hollow', () => 'the document names no component')
  checkComponents(components, refs, problems, 0)
  for (const service of list(value, 'services')) addRef(service, refs, problems)
  checkDependencies(list(value, 'dependencies'), refs, problems)
  return problems.list
}

/** A project without dependencies says so: its own line in `dependencies` depends on nothing. */
function isAlone(document: Fields): boolean {
  return list(document, 'dependencies').length === 1
}

/** `2026-01-02T03:04:05+00:00` -> with Z */
function utcOf(timestamp: string): string {
  return timestamp.replace(/[+-]\d\d:\d\d$/, 'Z')
}

function list(fields: Fields, key: string): readonly Fields[] {
  const value = fields[key]
  return Array.isArray(value) ? value.map((each) => (isFields(each) ? each : {})) : []
}

function addRef(each: Fields, refs: Set<unknown>, problems: Problems): void {
  const ref = each['bom-ref']
  if (ref === undefined) return
  problems.must(typeof ref === 'string' && ref !== '', 'ref', () => `${shown(ref)} is no ref`)
  problems.must(!refs.has(ref), 'duplicate-ref', () => `${shown(ref)} stands twice`)
  refs.add(ref)
}

function checkComponents(components: readonly Fields[], refs: Set<unknown>, problems: Problems, depth: number): void {
  if (depth > MAX_DEPTH) {
    problems.add('depth', `components are nested deeper than ${MAX_DEPTH}`)
    return
  }
  for (const each of components) {
    addRef(each, refs, problems)
    checkComponent(each, problems)
    checkComponents(list(each, 'components'), refs, problems, depth + 1)
  }
}

function checkComponent(each: Fields, problems: Problems): void {
  const { name, group, version, purl, scope } = each
  const of = (): string => shown(each['bom-ref'] ?? name)
  problems.must(typeof name === 'string' && name !== '', 'name', () => `${of()} has no name`)
  problems.must(SCOPES.has(scope), 'scope', () => `${of()}: ${shown(scope)} is no scope`)
  for (const { alg, content } of list(each, 'hashes'))
    problems.must(isDigest(alg, content), 'hash', () => `${of()}: ${shown(content)} is no ${shown(alg)} digest`)
  for (const licence of list(each, 'licenses')) checkLicence(licence, of, problems)
  if (purl === undefined) return
  const parsed = parsePurl(purl)
  const fullName = typeof group === 'string' && group !== '' ? `${group}/${String(name)}` : name
  if (parsed === null) problems.add('purl', `${of()}: ${shown(purl)} is no package URL`)
  else if (isMisnamed(parsed, { name: fullName, version }))
    problems.add('purl-mismatch', `${of()}: ${shown(purl)} is not ${shown(fullName)} ${shown(version)}`)
}

function checkLicence({ expression, license }: Fields, of: () => string, problems: Problems): void {
  const id = isFields(license) ? license['id'] : undefined
  const said = expression ?? id
  if (said !== undefined)
    problems.must(typeof said === 'string' && isLicenceExpression(said), 'licence', () => `${of()}: ${shown(said)} is no SPDX licence`)
  else problems.must(isFields(license) && typeof license['name'] === 'string', 'licence', () => `${of()}: a licence without a name`)
}

function checkDependencies(dependencies: readonly Fields[], refs: ReadonlySet<unknown>, problems: Problems): void {
  const seen = new Set<unknown>()
  for (const { ref, dependsOn } of dependencies) {
    problems.must(refs.has(ref), 'dangling', () => `dependencies of ${shown(ref)}, which is not in the document`)
    problems.must(!seen.has(ref), 'duplicate-ref', () => `two lists of dependencies for ${shown(ref)}`)
    seen.add(ref)
    const on: readonly unknown[] = Array.isArray(dependsOn) ? dependsOn : []
    for (const each of on) problems.must(refs.has(each), 'dangling', () => `${shown(ref)} depends on ${shown(each)}, which is not in the document`)
    problems.must(new Set(on).size === on.length, 'dependencies', () => `${shown(ref)} depends on one thing twice`)
  }
}
