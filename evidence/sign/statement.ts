/** From a statement to the bytes that are signed, and from a bundle to the bytes that are kept. */
import { canonicalize } from '../core/canonical.ts'
import { isSafePath } from '../core/path.ts'
import { isArtifactKind, kindOf, PAYLOAD_TYPE, STATEMENT_TYPE, predicateType, type ArtifactKind, type EvidenceKind } from '../model/kinds.ts'
import { ArtifactStatement } from '../model/predicate/artifact.ts'
import { Statement } from '../model/statement.ts'
import { readPredicate } from '../verify/predicates.ts'
import { SignError } from './error.ts'

export { PAYLOAD_TYPE }

/** What a statement speaks about: the commit first, then each file. */
export interface About {
  /** `owner/name` on github.com. */
  readonly repository: string
  readonly commit: string
  readonly files: readonly { readonly path: string; readonly sha256: string }[]
}

/** Kind, predicate and subjects -> statement, not checked yet. */
export function statementOf(kind: EvidenceKind, predicate: Readonly<Record<string, unknown>>, about: About): Statement {
  return {
    _type: STATEMENT_TYPE,
    subject: [
      { name: `git+https://github.com/${about.repository}`, digest: { gitCommit: about.commit } },
      ...about.files.map((file) => ({ name: file.path, digest: { sha256: file.sha256 } })),
    ],
    predicateType: predicateType(kind),
    predicate: { ...predicate },
  }
}

/** The same for the kinds that are about artifacts. @param type one of the kind's predicate types; default: the first */
export function artifactStatementOf(
  kind: ArtifactKind,
  predicate: Readonly<Record<string, unknown>>,
  artifacts: readonly { readonly name: string; readonly sha256: string }[],
  type: string = predicateType(kind),
): ArtifactStatement {
  const subject = artifacts.map(({ name, sha256 }) => ({ name, digest: { sha256 } }))
  return { _type: STATEMENT_TYPE, subject, predicateType: type, predicate: { ...predicate } }
}

/**
 * Statement -> canonical UTF-8 bytes, after the schema of the statement and of its predicate: what is signed can be believed.
 * @throws SignError `invalid-statement`
 */
export function statementBytes(statement: unknown): Uint8Array {
  const type = (statement as { readonly predicateType?: unknown } | null)?.predicateType
  const kind = typeof type === 'string' ? kindOf(type) : undefined
  const ofArtifacts = kind !== undefined && isArtifactKind(kind)
  const parsed = (ofArtifacts ? ArtifactStatement : Statement).safeParse(statement)
  if (!parsed.success) throw new SignError('invalid-statement', `not an in-toto statement of ours: ${parsed.error.message}`)
  const read = readPredicate(parsed.data.predicateType, parsed.data.predicate)
  if ('problem' in read) throw new SignError('invalid-statement', read.problem)
  const odd = ofArtifacts ? undefined : parsed.data.subject.slice(1).find((subject) => !isSafePath(subject.name ?? ''))
  if (odd !== undefined) throw new SignError('invalid-statement', `the subject ${odd.name ?? ''} is not a safe relative path`)
  return Buffer.from(canonicalize(parsed.data))
}

/** Sigstore bundle -> the one file form of it: canonical JSON in UTF-8. */
export function bundleBytes(bundle: unknown): Uint8Array {
  return Buffer.from(canonicalize(bundle))
}
