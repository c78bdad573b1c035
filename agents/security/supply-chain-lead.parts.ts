/** What the release is made of: each lock file as an inventory and as two SBOMs, and what is wrong with any of them. Pure. */
import type { SupplyChainPolicy } from '../../evidence/model/config/supply-chain.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import { checkCyclonedx } from '../../evidence/sbom/check-cyclonedx.ts'
import { checkSpdx } from '../../evidence/sbom/check-spdx.ts'
import { cyclonedxOf } from '../../evidence/sbom/cyclonedx.ts'
import { disagreements } from '../../evidence/sbom/disagreements.ts'
import { SbomError } from '../../evidence/sbom/error.ts'
import type { Inventory } from '../../evidence/sbom/inventory.ts'
import { lockNameByContent } from '../../evidence/sbom/lock-content.ts'
import { isLockFile, READ_KINDS } from '../../evidence/sbom/lock-names.ts'
import { readLockFile } from '../../evidence/sbom/lock.ts'
import { spdxOf } from '../../evidence/sbom/spdx.ts'
import type { ReportFile } from '../agent.ts'
import type { Inputs } from '../collect/inputs.ts'
import type { Beyond } from '../collect/inputs.supply-chain.ts'
import { licenceFindings } from './supply-chain-lead.licences.ts'

export interface Parts {
  readonly inventories: readonly Inventory[]
  readonly findings: readonly Finding[]
  readonly files: readonly ReportFile[]
}

type Locked = Inputs['lockfiles']['files'][number]

/** @param createdAt UTC with milliseconds; stands in the SBOMs */
export function partsOf(lockfiles: Inputs['lockfiles'], policy: SupplyChainPolicy, createdAt: string): Parts {
  const findings: Finding[] = []
  const inventories: Inventory[] = []
  const files: ReportFile[] = []
  const names = new Set<string>()
  if (lockfiles.files.length === 0)
    findings.push({
      rule: 'lock.absent',
      severity: 'error',
      message: 'There is no lock file, so nothing says what this release is made of',
      next: 'Commit the lock file; if nothing is installed, declare `not_applicable.supply_chain` with a reason.',
    })
  for (const locked of lockfiles.files) {
    const inventory = inventoryOf(locked)
    if (inventory instanceof SbomError) {
      findings.push(...unread(locked, inventory))
      continue
    }
    inventories.push(inventory)
    findings.push(...ofOne(inventory, locked, policy))
    const name = nameOf(inventory, names)
    const made = sbomsOf(inventory, createdAt)
    for (const problem of made.problems) findings.push(missing(inventory.source.path, problem))
    if (made.problems.length > 0) continue
    files.push(
      { path: `sbom/${name}.spdx.json`, type: 'sbom', content: made.spdx },
      { path: `sbom/${name}.cdx.json`, type: 'sbom', content: made.cyclonedx },
    )
  }
  findings.push(...unseen(lockfiles), ...beyond(lockfiles))
  return { inventories, findings, files }
}

function aboutFile(rule: string, path: string, message: string, next: string): Finding {
  const place = path.slice(0, 500)
  return { rule, severity: 'error', path: place, subject: place, message, next }
}

/** What is part of the release and nobody looks into: an error each, which the config can except by rule and path. */
function unseen({ unsupported, unlocked }: Inputs['lockfiles']): Finding[] {
  const kinds = READ_KINDS.join(', ')
  return [
    ...unsupported.map((path) =>
      aboutFile(
        'lock.unsupported',
        path,
        `Nothing here reads this kind of lock file, so what it pins is not looked at; read are ${kinds}`,
        'Lock these parts in a kind that is read; or grant an exception for this path with owner, reason and end under gates.supply_chain.exceptions.',
      ),
    ),
    ...unlocked.map((path) =>
      aboutFile(
        'lock.missing',
        path,
        'It asks for packages, and no lock file beside or above it says which',
        'Commit the lock file that its package manager writes; or grant an exception for this path with owner, reason and end under gates.supply_chain.exceptions.',
      ),
    ),
  ]
}

/** What nobody read is never passed over: the parts that were read are not all. Of the release before it only makes the comparison stricter. */
function beyond({ bound, files, beyond: here, before, beyondBefore }: Inputs['lockfiles']): Finding[] {
  const most = `${bound.files} lock files and ${bound.bytes} bytes of them and of what lies beside them`
  const next = 'Name those of the release under gates.supply_chain.lockfiles of the base branch, or release the parts of the repository apart.'
  const found: Finding[] = []
  if (here.count > 0) {
    const message = `At most ${most} are read; ${files.length} are, and ${such(here)}`.slice(0, 1000)
    found.push({ rule: 'lock.too-many', severity: 'error', message, next })
  }
  if (beyondBefore.count > 0) {
    const message = `Of the release before, too, at most ${most} are read; ${before.length} that differ are, and ${such(beyondBefore)}`.slice(0, 1000)
    found.push({ rule: 'lock.too-many-before', severity: 'warning', message, next })
  }
  return found
}

function such({ count, first }: Beyond): string {
  return `${count} not: ${first.join(', ')}${count > first.length ? ', …' : ''}`
}

/** What the release before was made of, as far as it can be read. @param here of this release, by `partsOf` */
export function partsBefore({ before, unchanged }: Inputs['lockfiles'], here: readonly Inventory[]): Inventory[] {
  const other = before.map(inventoryOf).filter((inventory): inventory is Inventory => !(inventory instanceof SbomError))
  return [...here.filter(({ source }) => unchanged.includes(source.path)), ...other]
}

/** Alone, so that the lock file speaks for itself; with the manifest where its format does not name the project. */
function inventoryOf({ path, text, why, manifest }: Locked): Inventory | SbomError {
  if (text === null) return new SbomError('unknown-file', why ?? 'it could not be read')
  const bytes = Buffer.from(text, 'utf8')
  // Of another name only those are here that the config names.
  const kind = isLockFile(path) ? null : lockNameByContent(text)
  const question = { path, bytes, ...(kind !== null && { kind }) }
  const alone = readLockFile(question)
  if (!(alone instanceof SbomError) && alone.source.kind === 'npm') return alone
  if (manifest?.text == null) return alone
  return readLockFile({ ...question, manifest: Buffer.from(manifest.text, 'utf8') })
}

function unread({ path, why }: Locked, error: SbomError): Finding[] {
  const message = (why ?? error.message).slice(0, 1000)
  const next = 'Commit the lock file as its package manager writes it; docs/adopt.md lists those that are read.'
  return [{ rule: 'lock.unreadable', severity: 'error', path: path.slice(0, 500), message, next }, missing(path, 'the lock file cannot be read')]
}

function missing(path: string, why: string): Finding {
  const message = `There is no SBOM of ${path}: ${why}`.slice(0, 1000)
  return { rule: 'sbom.missing', severity: 'error', path: path.slice(0, 500), message, next: 'Mend the lock file, then run again.' }
}

function ofOne(inventory: Inventory, { manifest }: Locked, policy: SupplyChainPolicy): Finding[] {
  const { path } = inventory.source
  const next = 'Install again with a registry that gives SHA-512, and commit the lock file.'
  const empty: Finding[] =
    inventory.components.length > 0
      ? []
      : [
          {
            rule: 'lock.empty',
            severity: 'error',
            path,
            subject: path.slice(0, 500),
            message: 'It pins no package at all',
            next: 'Declare `not_applicable.supply_chain` with a reason; if others pin something, grant an exception for this path.',
          },
        ]
  const weak = inventory.remarks.filter(
    (remark) => remark.code === 'no-integrity' || remark.code === 'weak-integrity' || remark.code === 'contradiction',
  )
  return [
    ...empty,
    ...(WITH_PACKAGE_JSON.has(inventory.source.kind) ? disagreementFindings(inventory, manifest?.text ?? null) : []),
    ...unpinnedFindings(inventory),
    ...licenceFindings(path, inventory.components, policy.licences),
    ...weak.slice(0, 100).map((remark): Finding => ({
      rule: `lock.${remark.code}`,
      severity: remark.code === 'contradiction' ? 'error' : 'warning',
      path,
      subject: remark.about.slice(0, 500),
      message: `${remark.about}: ${WEAK[remark.code] ?? remark.code}`.slice(0, 1000),
      next,
    })),
  ]
}

const MAX_NAMED = 20
const WITH_PACKAGE_JSON: ReadonlySet<string> = new Set(['npm', 'pnpm', 'yarn'])

function unpinnedFindings({ source: { path }, remarks }: Inventory): Finding[] {
  return remarks
    .filter(({ code }) => code === 'unpinned')
    .map(({ about }): Finding => {
      const line = Number(/^line (\d+): /.exec(about)?.[1])
      return {
        rule: 'lock.unpinned',
        severity: 'error',
        path: path.slice(0, 500),
        ...(Number.isSafeInteger(line) && { line }),
        subject: `${path} ${about.replace(/^line \d+: /, '')}`.slice(0, 500),
        message: `${about}: nothing says which version is installed`.slice(0, 1000),
        next: 'Pin one version, as pip-compile or uv pip compile --generate-hashes writes it.',
      }
    })
}

/** @param manifest text of the package.json beside it */
function disagreementFindings(inventory: Inventory, manifest: string | null): Finding[] {
  const { path } = inventory.source
  const found =
    manifest === null ? ['there is no readable package.json beside this lock file'] : disagreements(inventory, Buffer.from(manifest, 'utf8'))
  const more = found.length > MAX_NAMED ? [`and ${found.length - MAX_NAMED} more`] : []
  const next = 'Run the package manager that owns the lock file, and commit what it writes.'
  return [...found.slice(0, MAX_NAMED), ...more].map((message) => ({
    rule: 'lock.disagrees',
    severity: 'error',
    path,
    message: message.slice(0, 1000),
    next,
  }))
}

const WEAK: Readonly<Record<string, string>> = {
  'no-integrity': 'nothing pins its bytes',
  'weak-integrity': 'only MD5 or SHA-1 pins its bytes',
  contradiction: 'one name and version stands for two different contents',
}

/** A file name from the root's name and the folder; never the same twice. */
function nameOf({ root, source }: Inventory, taken: Set<string>): string {
  const folder = source.path.includes('/') ? `-${source.path.slice(0, source.path.lastIndexOf('/'))}` : ''
  const clean = `${root.name.replace(/^@/, '')}${folder}`.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replaceAll(/^[.-]+|[.-]+$/g, '')
  const base = clean === '' ? 'root' : clean.slice(0, 150)
  let name = base
  for (let count = 2; taken.has(name.toLowerCase()); count += 1) name = `${base}-${count}`
  taken.add(name.toLowerCase())
  return name
}

/** Made, and then read again by other rules than those that made them. */
function sbomsOf(
  inventory: Inventory,
  createdAt: string,
): { readonly spdx: string; readonly cyclonedx: string; readonly problems: readonly string[] } {
  const spdx = Buffer.from(spdxOf(inventory, { createdAt })).toString('utf8')
  const cyclonedx = Buffer.from(cyclonedxOf(inventory, { createdAt })).toString('utf8')
  return { spdx, cyclonedx, problems: [...checkSpdx(JSON.parse(spdx)), ...checkCyclonedx(JSON.parse(cyclonedx))].slice(0, 20) }
}
