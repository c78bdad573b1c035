/** What a payload says, whole and without contradiction: the reading half of verification. A claim is no evidence; `verify.ts` makes it so. */
import { sha256 } from '../core/digest.ts'
import { CoreError } from '../core/error.ts'
import { parseJson } from '../core/json.ts'
import { isSafePath } from '../core/path.ts'
import { isArtifactKind, kindOf } from '../model/kinds.ts'
import { ArtifactStatement } from '../model/predicate/artifact.ts'
import { Statement, type Origin } from '../model/statement.ts'
import { EvidenceError } from './error.ts'
import { firstIssues, readPredicate, type Predicate } from './predicates.ts'
import type { SubjectFile } from './verifier.ts'

const REPOSITORY = /^git\+https:\/\/github\.com\/([A-Za-z0-9-]{1,39}\/[A-Za-z0-9._-]{1,100})$/

/** Something outside the pack that a statement of others is about. A digest that is null was not given. */
export interface ClaimedArtifact {
  /** As its maker calls it; empty when it has no name. Artifacts are matched by digest alone. */
  readonly name: string
  readonly sha256: string | null
  readonly sha512: string | null
}

export type Claim = Predicate & {
  /** SHA-256 of the payload. */
  readonly digest: string
  readonly statement: Statement | ArtifactStatement
  /** Of the first subject; null when the statement is about artifacts. */
  readonly commit: string | null
  /** `owner/name` of the first subject; null when the statement is about artifacts. */
  readonly repository: string | null
  readonly files: readonly SubjectFile[]
  /** Empty unless the statement is about artifacts: provenance, SBOM, test result. */
  readonly artifacts: readonly ClaimedArtifact[]
}

/** Payload -> claim. */
export function readClaim(payload: Uint8Array): Claim | EvidenceError {
  const statement = readStatement(payload)
  if (statement instanceof EvidenceError) return statement
  const read = readPredicate(statement.predicateType, statement.predicate)
  if ('problem' in read) return new EvidenceError(read.unknown ? 'wrong-predicate' : 'schema', read.problem)
  const subjects = isArtifactKind(read.kind) ? readArtifacts(statement) : readSubjects(statement as Statement)
  if (subjects instanceof EvidenceError) return subjects
  const claim: Claim = { ...read, ...subjects, digest: sha256(payload), statement }
  return disagreement(claim) ?? claim
}

/** Every file a statement vouches for: its subjects, and `inputs/<sha256>` for each digest of collected input its predicate cites. */
export function coverage(of: Predicate & Pick<Claim, 'files'>): readonly SubjectFile[] {
  if (of.kind !== 'agent-response') return of.files
  const cited = [
    ...of.predicate.inputs.map((input) => input.sha256),
    ...of.predicate.response.verdicts.flatMap((verdict) => verdict.measured?.data_digest ?? []),
  ]
  return [...of.files, ...[...new Set(cited)].map((digest) => ({ path: `inputs/${digest}`, sha256: digest }))]
}

/** Where it was made; undefined for what the App itself states. */
export function originOf(of: Predicate): Origin | undefined {
  return of.kind === 'agent-response' || of.kind === 'self-test' || of.kind === 'rollout-event' ? of.predicate.origin : undefined
}

/** Our own statements are strict; those of others may hold members that we do not know. */
function readStatement(payload: Uint8Array): Statement | ArtifactStatement | EvidenceError {
  let value: unknown
  try {
    value = parseJson(payload)
  } catch (cause) {
    if (!(cause instanceof CoreError)) throw cause
    return new EvidenceError(cause.code === 'too-large' ? 'too-large' : 'malformed', `the signed payload is not strict JSON: ${cause.message}`, {
      cause,
    })
  }
  const type = (value as { readonly predicateType?: unknown } | null)?.predicateType
  const kind = typeof type === 'string' ? kindOf(type) : undefined
  const parsed = (kind !== undefined && isArtifactKind(kind) ? ArtifactStatement : Statement).safeParse(value)
  if (parsed.success) return parsed.data
  const code = parsed.error.issues.some((issue) => issue.path[0] === 'subject') ? 'wrong-subject' : 'schema'
  return new EvidenceError(code, `not an in-toto statement v1: ${firstIssues(parsed.error)}`)
}

const NO_ARTIFACTS = { artifacts: [] } as const

function readArtifacts({ subject }: ArtifactStatement): Pick<Claim, 'commit' | 'repository' | 'files' | 'artifacts'> | EvidenceError {
  const names = new Set<string>()
  const artifacts: ClaimedArtifact[] = []
  for (const { name = '', digest } of subject) {
    if (name !== '' && names.has(name)) return new EvidenceError('wrong-subject', `the subject ${JSON.stringify(name.slice(0, 100))} stands twice`)
    names.add(name)
    artifacts.push({ name, sha256: digest.sha256 ?? null, sha512: digest.sha512 ?? null })
  }
  return { commit: null, repository: null, files: [], artifacts }
}

function readSubjects({ subject: [first, ...rest] }: Statement): Pick<Claim, 'commit' | 'repository' | 'files' | 'artifacts'> | EvidenceError {
  const repository = REPOSITORY.exec(first?.name ?? '')?.[1]
  const commit = first?.digest.gitCommit
  if (repository === undefined || commit === undefined || first?.digest.sha256 !== undefined)
    return new EvidenceError('wrong-subject', 'the first subject is not a repository on github.com at a commit')
  const files = new Map<string, SubjectFile>()
  for (const { name, digest } of rest) {
    if (!isSafePath(name)) return new EvidenceError('wrong-subject', `the subject ${JSON.stringify(name.slice(0, 100))} is not a safe relative path`)
    if (digest.sha256 === undefined || digest.gitCommit !== undefined)
      return new EvidenceError('wrong-subject', `the subject ${name} needs a sha256 alone`)
    if (files.has(name)) return new EvidenceError('wrong-subject', `the subject ${name} stands twice`)
    files.set(name, { path: name, sha256: digest.sha256 })
  }
  return { repository, commit, files: [...files.values()], ...NO_ARTIFACTS }
}

/** Where the statement contradicts itself. */
function disagreement(claim: Claim): EvidenceError | undefined {
  const origin = originOf(claim)
  if (origin !== undefined && origin.repository.toLowerCase() !== claim.repository?.toLowerCase())
    return new EvidenceError('wrong-repository', `made in ${origin.repository}, but about ${claim.repository ?? 'no repository'}`)
  const released = claim.kind === 'rollout-event' ? claim.predicate.sha : undefined
  if (origin !== undefined && origin.sha !== claim.commit && released !== claim.commit)
    return new EvidenceError('wrong-commit', `made at commit ${origin.sha}, but about ${claim.commit ?? 'no commit'}`)
  const spoken = claim.kind === 'verdict' ? claim.predicate.verdict.sha : claim.kind === 'waiver' ? claim.predicate.sha : claim.commit
  if (spoken !== claim.commit)
    return new EvidenceError('wrong-commit', `the ${claim.kind} speaks for ${spoken ?? 'no commit'}, but about ${claim.commit ?? 'no commit'}`)
  if (claim.kind !== 'agent-response') return undefined
  for (const artifact of claim.predicate.response.artifacts)
    if (!claim.files.some((file) => file.path === artifact.path && file.sha256 === artifact.sha256))
      return new EvidenceError('wrong-subject', `the response claims ${artifact.path}, which is no subject of the statement`)
  return undefined
}
