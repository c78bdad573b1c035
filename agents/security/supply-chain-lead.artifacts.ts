/** What was built: is each artifact signed by the one who may sign it, and was it built here, from this commit, as expected? Pure; trust and time are given. */
import type { PinnedArtifact, SupplyChainPolicy } from '../../evidence/model/config/supply-chain.ts'
import { CoreError } from '../../evidence/core/error.ts'
import { decodeBase64 } from '../../evidence/core/dsse.ts'
import type { Finding } from '../../evidence/model/finding.ts'
import { ARTIFACT_KINDS } from '../../evidence/model/kinds.ts'
import { ArtifactList } from '../../evidence/model/scan-record.ts'
import { readClaim, type Claim } from '../../evidence/verify/claim.ts'
import { EvidenceError, type EvidenceErrorCode } from '../../evidence/verify/error.ts'
import { provenanceProblems } from '../../evidence/verify/provenance.ts'
import { trustOf } from '../../evidence/verify/trust.ts'
import type { Trust } from '../../evidence/verify/verifier.ts'
import { verifyBundle } from '../../evidence/verify/verify.ts'
import type { Inputs } from '../collect/inputs.ts'
import { jsonOf } from './supply-chain-lead.records.ts'

export interface Judged {
  readonly findings: readonly Finding[]
  readonly artifacts: number
  /** With a signature of the pinned identity over its digest. */
  readonly signed: number
  /** With provenance that is believed and as expected. */
  readonly proven: number
  /** Those that are listed, for scans that speak of them. */
  readonly listed: ArtifactList['artifacts']
}

interface Attestation {
  readonly path: string
  readonly bundle: Uint8Array
  /** Not believed: only tells which artifact it would be about. */
  readonly claim: Claim
}

/** The wrong one signed, or in a wrong way; anything else is about the content. */
const OF_CONTENT: readonly EvidenceErrorCode[] = ['wrong-subject', 'wrong-predicate', 'schema', 'malformed', 'too-large']

export function judgeArtifacts(attestations: Inputs['attestations'], policy: SupplyChainPolicy): Judged {
  const read = listOf(attestations, policy)
  if ('findings' in read) return { findings: read.findings, artifacts: policy.artifacts.length, signed: 0, proven: 0, listed: [] }
  const { list } = read
  const findings: Finding[] = []
  const found = attestations.files.flatMap((file) => bundlesOf(file, findings))
  let signed = 0
  let proven = 0
  for (const pinned of policy.artifacts) {
    const digest = list.find((artifact) => artifact.name === pinned.name)?.sha256
    if (digest === undefined) {
      findings.push(fault(pinned.name, 'not-built', 'artifacts.json does not list it', 'List each artifact of the config with its SHA-256.'))
      continue
    }
    const one = judge(pinned, digest, found, attestations)
    findings.push(...one.findings)
    if (one.signed) signed += 1
    if (one.proven) proven += 1
  }
  for (const { name } of list)
    if (!policy.artifacts.some((pinned) => pinned.name === name))
      findings.push(
        fault(name, 'unpinned', 'artifacts.json lists it, and the config says nobody may sign it', 'Pin it under gates.supply_chain.artifacts.'),
      )
  return { findings, artifacts: policy.artifacts.length, signed, proven, listed: list }
}

type Listed = { readonly list: ArtifactList['artifacts'] } | { readonly findings: readonly Finding[] }

function listOf({ list }: Inputs['attestations'], policy: SupplyChainPolicy): Listed {
  if (list === null) {
    if (policy.artifacts.length === 0 && policy.no_artifacts !== undefined) return { list: [] }
    const message = policy.artifacts.length === 0 ? 'No artifact of this release is named, so no signature was checked' : 'There is no artifacts.json'
    const next =
      policy.artifacts.length === 0
        ? 'Name what is built under gates.supply_chain.artifacts, or say why nothing is: gates.supply_chain.no_artifacts.'
        : `Put artifacts.json into the folder ${policy.folder}: name and SHA-256 of each artifact.`
    return { findings: [{ rule: 'artifact.none-named', severity: 'error', message, next }] }
  }
  const parsed = ArtifactList.safeParse(jsonOf(list.text))
  if (parsed.success) return { list: parsed.data.artifacts }
  const why = list.why ?? parsed.error.issues[0]?.message ?? 'it has an unknown shape'
  const message = `${list.path} cannot be read: ${why}`.slice(0, 1000)
  return {
    findings: [{ rule: 'artifact.unreadable', severity: 'error', path: list.path.slice(0, 500), message, next: 'Write it as docs/adopt.md shows.' }],
  }
}

/** A file of bundles: one, or one a line. */
function bundlesOf(file: Inputs['attestations']['files'][number], findings: Finding[]): Attestation[] {
  const unreadable = (why: string): void =>
    void findings.push({
      rule: 'artifact.unreadable',
      severity: 'error',
      path: file.path.slice(0, 500),
      message: `It holds no attestation: ${why}`.slice(0, 1000),
      next: 'Keep only Sigstore bundles of in-toto statements there.',
    })
  if (file.text === null) {
    unreadable(file.why ?? 'it could not be read')
    return []
  }
  const texts = file.path.endsWith('.jsonl') ? file.text.split('\n').filter((line) => line.trim() !== '') : [file.text]
  return texts.flatMap((text) => {
    const claim = claimed(text)
    if (claim instanceof EvidenceError) {
      unreadable(claim.message)
      return []
    }
    return [{ path: file.path, bundle: Buffer.from(text, 'utf8'), claim }]
  })
}

/** What an envelope would say if it were believed. */
function claimed(text: string): Claim | EvidenceError {
  const payload: unknown = (jsonOf(text) as { readonly dsseEnvelope?: { readonly payload?: unknown } } | null)?.dsseEnvelope?.payload
  if (typeof payload !== 'string') return new EvidenceError('malformed', 'there is no DSSE envelope')
  try {
    return readClaim(decodeBase64(payload))
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause
    return new EvidenceError('malformed', cause.message, { cause })
  }
}

function judge(
  pinned: PinnedArtifact,
  sha256: string,
  attestations: readonly Attestation[],
  context: Inputs['attestations'],
): { readonly findings: readonly Finding[]; readonly signed: boolean; readonly proven: boolean } {
  const about = attestations.filter(({ claim }) => claim.artifacts.some((artifact) => artifact.sha256 === sha256 || artifact.name === pinned.name))
  const again = 'Build and attest it again from the head commit, in the workflow that the config pins.'
  if (about.length === 0) return { findings: [fault(pinned.name, 'unsigned', 'nobody signed it', again)], signed: false, proven: false }
  const { owner, name } = context.repository
  const faults: Finding[] = []
  let signed = false
  let proven = false
  for (const { path, bundle } of about) {
    const answer = verifyBundle({
      bundle,
      trust: trustIn(pinned, context),
      expect: { kinds: ARTIFACT_KINDS, artifacts: [{ sha256 }] },
      now: Date.parse(context.at),
    })
    if (answer instanceof EvidenceError) {
      const what = answer.code === 'wrong-subject' ? 'other-digest' : OF_CONTENT.includes(answer.code) ? 'unreadable' : 'other-identity'
      faults.push(fault(pinned.name, what, `${path}: ${answer.message}`, again))
      continue
    }
    signed = true
    if (answer.kind !== 'provenance') continue
    const problems = provenanceProblems(answer.predicate, {
      buildType: pinned.build_type,
      ...(pinned.builder === undefined ? {} : { builder: pinned.builder }),
      repository: `${owner}/${name}`,
      commits: context.sources,
      parameters: pinned.parameters,
      certified: answer.job,
    })
    if (problems.length === 0) proven = true
    faults.push(...problems.map(({ fault: what, message }) => fault(pinned.name, what, `${path}: ${message}`, again)))
  }
  if (signed && !proven && faults.length === 0) faults.push(fault(pinned.name, 'no-provenance', 'nothing says how it was built', again))
  // Beside the right provenance, that of somebody else proves nothing and harms nothing; what the pinned one signed must all be right.
  const findings = proven
    ? faults.map((each): Finding => (each.rule === 'artifact.other-identity' ? { ...each, severity: 'warning' } : each))
    : faults
  return { findings, signed, proven }
}

function trustIn(pinned: PinnedArtifact, { trustedRoot }: Inputs['attestations']): Trust {
  const { public_key: publicKeyPem, workflow, digest } = pinned.signed_by
  if (publicKeyPem !== undefined) return trustOf({ keys: [{ id: pinned.name, publicKeyPem }] })
  const root = trustedRoot?.text == null ? null : { bytes: Buffer.from(trustedRoot.text, 'utf8') }
  return trustOf({ workflows: workflow === undefined || digest === undefined ? [] : [{ ref: workflow, digest }], root })
}

function fault(name: string, what: string, message: string, next: string): Finding {
  return {
    rule: `artifact.${what}`,
    severity: 'error',
    subject: name.slice(0, 500),
    message: `${name}: ${message}`.slice(0, 1000),
    next,
  }
}
