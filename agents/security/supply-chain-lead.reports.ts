/**
 * Vulnerability reports of four tools -> one list. What a report says of itself (time, database, count) comes out too, so that it can be held against the
 * record beside it. A severity that nobody knows stays `unknown`; whoever counts takes it for the worst. Pure.
 * https://google.github.io/osv-scanner/output/ https://github.com/anchore/grype https://trivy.dev/docs/latest/configuration/reporting/
 * https://docs.npmjs.com/cli/commands/npm-audit
 */
import { z } from 'zod'
import { CoreError } from '../../evidence/core/error.ts'
import { parseJson } from '../../evidence/core/json.ts'
import type { Scan } from '../../evidence/model/scan-record.ts'

export type VulnerabilitySeverity = 'critical' | 'high' | 'medium' | 'low' | 'unknown'

export interface Vulnerability {
  /** Every name of the advisory, sorted. */
  readonly ids: readonly string[]
  readonly name: string
  /** Null when the report does not say which. */
  readonly version: string | null
  readonly severity: VulnerabilitySeverity
}

export interface RawReport {
  readonly tool: Scan['tool']
  /** Epoch milliseconds; null when the format does not say. */
  readonly madeAt: number | null
  readonly databaseAt: number | null
  readonly packages: number | null
  readonly vulnerabilities: readonly Vulnerability[]
}

const MAX_FOUND = 50_000
const Text = z.string().max(2000)
const Many = <Item extends z.ZodType>(item: Item) => z.array(item).max(MAX_FOUND)

const Osv = z.looseObject({
  results: Many(
    z.looseObject({
      packages: Many(
        z.looseObject({
          package: z.looseObject({ name: Text, version: Text }),
          vulnerabilities: Many(
            z.looseObject({
              id: Text,
              aliases: Many(Text).nullish(),
              database_specific: z.looseObject({ severity: z.unknown().optional() }).nullish(),
            }),
          ).default([]),
          groups: Many(z.looseObject({ ids: Many(Text), aliases: Many(Text).nullish(), max_severity: Text.nullish() })).nullish(),
        }),
      ).nullish(),
    }),
  ),
})

const Grype = z.looseObject({
  matches: Many(
    z.looseObject({
      vulnerability: z.looseObject({ id: Text, severity: Text.nullish() }),
      relatedVulnerabilities: Many(z.looseObject({ id: Text })).nullish(),
      artifact: z.looseObject({ name: Text, version: Text }),
    }),
  ),
  descriptor: z.looseObject({
    name: z.literal('grype'),
    timestamp: Text.nullish(),
    db: z.looseObject({ built: Text.nullish(), status: z.looseObject({ built: Text.nullish() }).nullish() }).nullish(),
  }),
})

const Trivy = z.looseObject({
  SchemaVersion: z.literal(2),
  CreatedAt: Text.nullish(),
  Results: Many(
    z.looseObject({
      Packages: Many(z.unknown()).nullish(),
      Vulnerabilities: Many(
        z.looseObject({ VulnerabilityID: Text, VendorIDs: Many(Text).nullish(), PkgName: Text, InstalledVersion: Text, Severity: Text.nullish() }),
      ).nullish(),
    }),
  ).nullish(),
})

const NpmAudit = z.looseObject({
  auditReportVersion: z.literal(2),
  vulnerabilities: z.record(
    Text,
    z.looseObject({
      via: Many(z.union([Text, z.looseObject({ name: Text, severity: Text.nullish(), url: Text.nullish(), source: z.unknown().optional() })])),
    }),
  ),
  metadata: z.looseObject({ dependencies: z.looseObject({ total: z.number() }) }),
})

/** Text of a report -> what it says, or why it cannot be read. */
export function readReport(text: string): RawReport | { readonly unreadable: string } {
  let value: unknown
  try {
    value = parseJson(Buffer.from(text, 'utf8'))
  } catch (error) {
    if (!(error instanceof CoreError)) throw error
    return { unreadable: `it is not strict JSON: ${error.message}` }
  }
  const osv = Osv.safeParse(value)
  if (osv.success) return ofOsv(osv.data)
  const grype = Grype.safeParse(value)
  if (grype.success) return ofGrype(grype.data)
  const trivy = Trivy.safeParse(value)
  if (trivy.success) return ofTrivy(trivy.data)
  const npm = NpmAudit.safeParse(value)
  if (npm.success) return ofNpm(npm.data)
  return { unreadable: 'it is a JSON report of none of osv-scanner, grype, trivy, npm audit' }
}

function ofOsv({ results }: z.infer<typeof Osv>): RawReport {
  const found = results.flatMap((result) =>
    (result.packages ?? []).flatMap(({ package: { name, version }, vulnerabilities, groups }) =>
      vulnerabilities.map((vulnerability) => {
        const group = (groups ?? []).find((each) => each.ids.includes(vulnerability.id))
        const score = group?.max_severity == null || group.max_severity === '' ? Number.NaN : Number(group.max_severity)
        const word = vulnerability.database_specific?.severity
        return {
          ids: names(vulnerability.id, vulnerability.aliases, group?.ids, group?.aliases),
          name,
          version,
          severity: Number.isFinite(score) ? band(score) : severityOf(typeof word === 'string' ? word : null),
        }
      }),
    ),
  )
  return { tool: 'osv-scanner', madeAt: null, databaseAt: null, packages: null, vulnerabilities: found }
}

function ofGrype({ matches, descriptor }: z.infer<typeof Grype>): RawReport {
  const found = matches.map(({ vulnerability, relatedVulnerabilities, artifact }) => ({
    ids: names(
      vulnerability.id,
      (relatedVulnerabilities ?? []).map((related) => related.id),
    ),
    name: artifact.name,
    version: artifact.version,
    severity: severityOf(vulnerability.severity ?? null),
  }))
  return {
    tool: 'grype',
    madeAt: instant(descriptor.timestamp),
    databaseAt: instant(descriptor.db?.built ?? descriptor.db?.status?.built),
    packages: null,
    vulnerabilities: found,
  }
}

function ofTrivy({ CreatedAt, Results }: z.infer<typeof Trivy>): RawReport {
  const results = Results ?? []
  const listed = results.flatMap((result) => (result.Packages == null ? [] : [result.Packages.length]))
  const found = results.flatMap((result) =>
    (result.Vulnerabilities ?? []).map((each) => ({
      ids: names(each.VulnerabilityID, each.VendorIDs),
      name: each.PkgName,
      version: each.InstalledVersion,
      severity: severityOf(each.Severity ?? null),
    })),
  )
  const packages = listed.length > 0 && listed.length === results.length ? listed.reduce((sum, count) => sum + count, 0) : null
  return { tool: 'trivy', madeAt: instant(CreatedAt), databaseAt: null, packages, vulnerabilities: found }
}

/** An entry that is only reached through another has a name in `via`; the advisories stand where they belong. */
function ofNpm({ vulnerabilities, metadata }: z.infer<typeof NpmAudit>): RawReport {
  const found = Object.values(vulnerabilities).flatMap(({ via }) =>
    via.flatMap((each) => {
      if (typeof each === 'string') return []
      const advisory = /GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}/.exec(each.url ?? '')?.[0]
      const id = advisory ?? (typeof each.source === 'number' ? `npm:${each.source}` : `npm:${each.name}`)
      return [{ ids: [id], name: each.name, version: null, severity: severityOf(each.severity ?? null) }]
    }),
  )
  return { tool: 'npm-audit', madeAt: null, databaseAt: null, packages: metadata.dependencies.total, vulnerabilities: found }
}

function names(first: string, ...more: readonly (readonly string[] | null | undefined)[]): string[] {
  return [...new Set([first, ...more.flatMap((list) => list ?? [])])].filter((name) => name !== '').toSorted()
}

const WORDS: Readonly<Record<string, VulnerabilitySeverity>> = {
  critical: 'critical',
  high: 'high',
  moderate: 'medium',
  medium: 'medium',
  low: 'low',
  negligible: 'low',
  info: 'low',
  none: 'low',
}

/** The words of all four tools; any other is `unknown`. */
export function severityOf(word: string | null): VulnerabilitySeverity {
  const known = word?.trim().toLowerCase() ?? ''
  return Object.hasOwn(WORDS, known) ? (WORDS[known] ?? 'unknown') : 'unknown'
}

/** CVSS base score -> its qualitative rating. https://www.first.org/cvss/specification-document */
function band(score: number): VulnerabilitySeverity {
  if (!(score >= 0 && score <= 10)) return 'unknown'
  return score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'medium' : 'low'
}

function instant(text: string | null | undefined): number | null {
  const at = text == null ? Number.NaN : Date.parse(text)
  return Number.isFinite(at) ? at : null
}
