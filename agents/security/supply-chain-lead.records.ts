/**
 * Does a scan count? It must be of this release, fresh, from a fresh database, have looked at something, and agree with its own raw report. A scan that
 * does not count is as good as none: its findings say why, and the lock file stays unscanned. Pure.
 */
import { sha256 } from '../../evidence/core/digest.ts'
import { CoreError } from '../../evidence/core/error.ts'
import { parseJson } from '../../evidence/core/json.ts'
import type { SupplyChainPolicy } from '../../evidence/model/config/supply-chain.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import { milliseconds } from '../../evidence/model/primitives.ts'
import { ScanRecord, type ArtifactList, type Scan } from '../../evidence/model/scan-record.ts'
import type { Inventory } from '../../evidence/sbom/inventory.ts'
import type { Inputs } from '../collect/inputs.ts'
import { readReport, type RawReport, type Vulnerability } from './supply-chain-lead.reports.ts'
import { holds, isNamed, spelling } from './supply-chain-lead.same.ts'

type Side = Inputs['vulnerabilityReports']['head']

export interface Scanned {
  readonly findings: readonly Finding[]
  /** Scans that count, with the age of each in hours. */
  readonly scans: readonly { readonly scan: Scan; readonly hours: number }[]
  /** Of every report that can be read: what is known against the release counts, whoever says it. */
  readonly told: readonly Vulnerability[]
  /** Only of scans that count: what was known before may excuse something, so it must be sure. */
  readonly sure: readonly Vulnerability[]
}

export interface ScanContext {
  /** Epoch milliseconds. */
  readonly at: number
  readonly inventories: readonly Inventory[]
  /** Commits that are this release. */
  readonly sources: readonly string[]
  readonly artifacts: ArtifactList['artifacts']
  readonly policy: Pick<SupplyChainPolicy, 'max_age' | 'max_database_age'>
}

const HOUR = 3_600_000
/** Clocks differ. */
const SKEW = 5 * 60_000
/** How far apart record and report may be about the same moment. */
const NEAR = HOUR

/** The scans of one commit. @param path where the record is looked for */
export function scansOf(side: Side, path: string, context: ScanContext): Scanned {
  const { record } = side
  const next = `Scan each lock file, and put the record into ${path} (docs/adopt.md).`
  if (record === null) return none('absent', path, 'There is no scan record, so nobody knows which vulnerabilities this release has', next)
  const parsed = ScanRecord.safeParse(jsonOf(record.text))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const why = record.why ?? `${issue?.path.join('.') ?? ''} ${issue?.message ?? 'has an unknown shape'}`.trim()
    return none('unreadable', path, `The scan record cannot be read: ${why}`, next)
  }
  const findings: Finding[] = []
  const scans: { scan: Scan; hours: number }[] = []
  const told: Vulnerability[] = []
  const sure: Vulnerability[] = []
  const spelled = spelling(context.inventories)
  for (const scan of parsed.data.scans) {
    const raw = rawOf(scan, side)
    const faults = typeof raw === 'string' ? [finding('unreadable', scan.report.path, raw, next)] : faultsOf(scan, raw, context)
    findings.push(...faults)
    if (typeof raw === 'string') continue
    const listed = raw.vulnerabilities.flatMap((each) => versionsOf(each, context.inventories)).map(spelled)
    told.push(...listed)
    if (faults.length > 0) continue
    sure.push(...listed)
    scans.push({ scan, hours: Math.max(0, Math.round((context.at - Date.parse(scan.made_at)) / HOUR)) })
  }
  for (const { source } of context.inventories)
    if (!scans.some(({ scan }) => 'commit' in scan.target || ('lockfile' in scan.target && scan.target.lockfile === source.path)))
      findings.push(finding('absent', source.path, `No scan that counts speaks for ${source.path}`, next))
  return { findings, scans, told, sure }
}

function rawOf(scan: Scan, side: Side): RawReport | string {
  const file = side.reports.find((report) => report.path === scan.report.path)
  if (file?.text == null) return `The report cannot be read: ${file?.why ?? 'it is not there'}`
  if (sha256(file.text) !== scan.report.sha256) return 'The report is not the one of the record: its SHA-256 differs'
  const read = readReport(file.text)
  return 'unreadable' in read ? `The report cannot be read: ${read.unreadable}` : read
}

function faultsOf(scan: Scan, raw: RawReport, context: ScanContext): Finding[] {
  const { path } = scan.report
  const [madeAt, databaseAt] = [Date.parse(scan.made_at), Date.parse(scan.database)]
  const again = 'Scan again with a fresh database, and commit report and record.'
  const faults: Finding[] = []
  const say = (what: string, message: string): void => void faults.push(finding(what, path, message, again))
  if (scan.packages === 0) say('empty', 'The scan looked at no package, so it found nothing because it saw nothing')
  if (madeAt > context.at + SKEW) say('from-the-future', `It was made at ${scan.made_at}, which has not come yet`)
  if (context.at - madeAt > milliseconds(context.policy.max_age))
    say('stale', `It was made at ${scan.made_at}, more than ${context.policy.max_age} ago`)
  if (madeAt - databaseAt > milliseconds(context.policy.max_database_age))
    say('old-database', `Its database is of ${scan.database}, more than ${context.policy.max_database_age} older than the scan`)
  if (databaseAt > madeAt + SKEW) say('contradiction', `Its database is of ${scan.database}, after the scan itself`)
  if (raw.tool !== scan.tool) say('contradiction', `The record says ${scan.tool}, the report is of ${raw.tool}`)
  if (raw.madeAt !== null && Math.abs(raw.madeAt - madeAt) > NEAR)
    say('contradiction', `The record says it was made at ${scan.made_at}, the report says ${new Date(raw.madeAt).toISOString()}`)
  if (raw.databaseAt !== null && Math.abs(raw.databaseAt - databaseAt) > NEAR)
    say('contradiction', `The record says its database is of ${scan.database}, the report says ${new Date(raw.databaseAt).toISOString()}`)
  if (raw.packages !== null && raw.packages !== scan.packages)
    say('contradiction', `The record says ${scan.packages} packages, the report says ${raw.packages}`)
  faults.push(...targetFaults(scan, raw, context))
  return faults
}

function targetFaults(scan: Scan, raw: RawReport, context: ScanContext): Finding[] {
  const { target } = scan
  const { path } = scan.report
  const again = 'Scan what this release really is, and commit report and record.'
  const other = (message: string): Finding[] => [finding('other-target', path, message, again)]
  if ('commit' in target) return context.sources.includes(target.commit) ? [] : other(`It speaks of commit ${target.commit}, not of this release`)
  if ('artifact' in target) {
    const same = context.artifacts.some((artifact) => artifact.name === target.artifact && artifact.sha256 === target.sha256)
    return same ? [] : other(`It speaks of ${target.artifact} with SHA-256 ${target.sha256}, which artifacts.json does not list`)
  }
  const inventory = context.inventories.find(({ source }) => source.path === target.lockfile)
  if (inventory === undefined) return other(`It speaks of ${target.lockfile}, which is no lock file of this release`)
  if (inventory.source.sha256 !== target.sha256)
    return other(`It speaks of ${target.lockfile} with SHA-256 ${target.sha256}; here it has ${inventory.source.sha256}`)
  const shipped = inventory.components.filter((component) => component.scope === 'required' && !component.local).length
  if (scan.packages > 0 && scan.packages < shipped)
    return [finding('partial', path, `The scan looked at ${scan.packages} packages; ${shipped} are shipped`, again)]
  const stranger = raw.vulnerabilities.find((each) => !holds(inventory, each))
  if (stranger !== undefined)
    return [
      finding('contradiction', path, `It speaks of ${stranger.name}@${stranger.version ?? 'any'}, which ${target.lockfile} does not hold`, again),
    ]
  return []
}

/** A report that names no version means every one that is there. */
function versionsOf(one: Vulnerability, inventories: readonly Inventory[]): Vulnerability[] {
  if (one.version !== null) return [one]
  const versions = inventories.flatMap(({ components }) => components.filter((part) => isNamed(part, one.name)).map((part) => part.version))
  return versions.length === 0 ? [one] : [...new Set(versions)].map((version) => ({ ...one, version }))
}

function finding(what: string, path: string, message: string, next: string): Finding {
  return { rule: `report.${what}`, severity: 'error', path: path.slice(0, 500), message: message.slice(0, 1000), next }
}

function none(what: string, path: string, message: string, next: string): Scanned {
  return { findings: [finding(what, path, message, next)], scans: [], told: [], sure: [] }
}

/** Strict JSON -> value; null when it is none, or nothing. */
export function jsonOf(text: string | null): unknown {
  try {
    return text === null ? null : parseJson(Buffer.from(text, 'utf8'))
  } catch (error) {
    if (!(error instanceof CoreError)) throw error
    return null
  }
}
