/**
 * What a Fulcio certificate says about its holder, read from its extensions. A value is read only when it is exactly the one form it should have: a name
 * that stands twice, or beside another, is no name. https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
 */
import { EvidenceError } from './error.ts'

/** One extension: dotted id, and the bytes inside its octet string. */
export interface Extension {
  readonly id: string
  readonly value: Uint8Array
}

export interface Holder {
  /** The one subject alternative name: a URI or an e-mail address. */
  readonly name: string
  readonly issuer: string
}

/** What GitHub Actions said of the job. */
export interface Job extends Holder {
  /** `https://github.com/owner/repo/.github/workflows/x.yml@ref`: the reusable workflow that signed, and its commit. */
  readonly signerUri: string
  readonly signerDigest: string
  readonly runner: string
  /** `https://github.com/owner/repo` that was built, at which commit and ref. */
  readonly sourceUri: string
  readonly sourceDigest: string
  readonly sourceRef: string
  readonly repositoryId: string
  /** The workflow that called, and its commit. */
  readonly configUri: string
  readonly configDigest: string
  readonly trigger: string
  /** `https://github.com/owner/repo/actions/runs/<id>/attempts/<n>` */
  readonly runUri: string
}

const FULCIO = '1.3.6.1.4.1.57264.1.'
const SAN = '2.5.29.17'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const BASIC_CONSTRAINTS = '2.5.29.19'
/** DER of the object id 1.3.6.1.5.5.7.3.3. */
const CODE_SIGNING = Buffer.from('06082b06010505070303', 'hex')

const FIELDS = {
  signerUri: 9,
  signerDigest: 10,
  runner: 11,
  sourceUri: 12,
  sourceDigest: 13,
  sourceRef: 14,
  repositoryId: 15,
  configUri: 18,
  configDigest: 19,
  trigger: 20,
  runUri: 21,
} as const

/** The fields that older extensions repeat: number there -> value here. */
const REPEATED: readonly (readonly [number, string, (job: Job) => string])[] = [
  [1, 'issuer', (job) => job.issuer],
  [2, 'trigger', (job) => job.trigger],
  [3, 'source digest', (job) => job.sourceDigest],
  [5, 'repository', (job) => job.sourceUri.replace('https://github.com/', '')],
  [6, 'source ref', (job) => job.sourceRef],
]

/** Extensions -> who holds the certificate, or `bad-certificate`. */
export function readHolder(extensions: readonly Extension[]): Holder | EvidenceError {
  const ids = extensions.map(({ id }) => id)
  const twice = ids.find((id, at) => ids.indexOf(id) !== at)
  if (twice !== undefined) return bad(`the extension ${twice} stands twice`)
  const usage = sequence(extensions, EXTENDED_KEY_USAGE)
  if (usage === undefined || !Buffer.from(usage).includes(CODE_SIGNING)) return bad('it is not for code signing')
  const constraints = sequence(extensions, BASIC_CONSTRAINTS)
  if (constraints !== undefined && constraints.length > 0 && constraints[0] === 1 && constraints[2] !== 0) return bad('it is for an authority')
  const names = sequence(extensions, SAN)
  const name = names === undefined ? undefined : (only(names, 0x86) ?? only(names, 0x81))
  if (name === undefined) return bad('it does not have exactly one name, a URI or an e-mail address')
  const issuer = modern(extensions, 8) ?? raw(extensions, 1)
  if (issuer === undefined) return bad('it does not say who issued the identity')
  return { name: text(name), issuer }
}

/** Extensions of a certificate for GitHub Actions -> the job, or `bad-certificate`. */
export function readJob(extensions: readonly Extension[]): Job | EvidenceError {
  const holder = readHolder(extensions)
  if (holder instanceof EvidenceError) return holder
  const fields: Partial<Record<keyof typeof FIELDS, string>> = {}
  for (const [field, number] of Object.entries(FIELDS) as [keyof typeof FIELDS, number][]) {
    const value = modern(extensions, number)
    if (value === undefined) return bad(`it has no ${field} (${FULCIO}${number})`)
    fields[field] = value
  }
  const job = { ...holder, ...(fields as Record<keyof typeof FIELDS, string>) }
  for (const [number, what, here] of REPEATED) {
    const old = raw(extensions, number)
    if (old !== undefined && old !== here(job)) return bad(`it contradicts itself about the ${what} (${FULCIO}${number})`)
  }
  return job
}

function bad(what: string): EvidenceError {
  return new EvidenceError('bad-certificate', `the certificate cannot be used: ${what}`)
}

function valueOf(extensions: readonly Extension[], id: string): Uint8Array | undefined {
  return extensions.find((extension) => extension.id === id)?.value
}

/** Since .8 the values are DER strings, before they were bare. */
function modern(extensions: readonly Extension[], number: number): string | undefined {
  const value = valueOf(extensions, `${FULCIO}${number}`)
  const inside = value === undefined ? undefined : only(value, 0x0c)
  return inside === undefined ? undefined : text(inside)
}

function raw(extensions: readonly Extension[], number: number): string | undefined {
  const value = valueOf(extensions, `${FULCIO}${number}`)
  return value === undefined ? undefined : text(value)
}

function sequence(extensions: readonly Extension[], id: string): Uint8Array | undefined {
  const value = valueOf(extensions, id)
  return value === undefined ? undefined : only(value, 0x30)
}

/** The content, if the bytes are one DER element of this tag and nothing else. */
function only(der: Uint8Array, tag: number): Uint8Array | undefined {
  const first = der[1] ?? 0
  const octets = first < 0x80 ? 0 : first - 0x80
  if (der[0] !== tag || octets > 2) return undefined
  const length = octets === 0 ? first : der.subarray(2, 2 + octets).reduce((sum, octet) => sum * 256 + octet, 0)
  const shortest = octets === 0 || (octets === 1 ? length >= 0x80 : length > 0xff)
  return shortest && der.length === 2 + octets + length ? der.subarray(2 + octets) : undefined
}

/** What is no clean text stays visible as such, and equals nothing. */
function text(value: Uint8Array): string {
  const decoded = Buffer.from(value).toString('utf8')
  return /^[\x20-\x7e]{1,1000}$/.test(decoded) ? decoded : `not plain text (${Buffer.from(value).toString('hex').slice(0, 40)})`
}
