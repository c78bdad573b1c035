/** Input about the adopter's own Rego: its sources, whether they compile and pass their tests, and what they answer about each document of the release. */
import { z } from 'zod'
import { DOCUMENT_KINDS } from '../../evidence/model/config/policies.ts'
import { CommitSha, Sha256 } from '../../evidence/model/primitives.ts'

const Path = z.string().min(1).max(4096)
const Said = z.string().max(1000)
const Name = z.string().max(500)

const PolicyDocument = z.strictObject({
  path: Path,
  /** Which one of the file, from 0. */
  index: z.number().int().nonnegative(),
  kind: z.enum([...DOCUMENT_KINDS, 'files']),
  /** Of its canonical JSON; null when it could not be read. */
  sha256: Sha256.nullable(),
  problem: Said.nullable(),
})
export type PolicyDocument = z.infer<typeof PolicyDocument>

const PolicyResult = z.strictObject({ rule: Name, message: Said })
export type PolicyResult = z.infer<typeof PolicyResult>

/** What one package says about one document. */
const PolicyAnswer = z.strictObject({
  /** Its place in the list of documents. */
  document: z.number().int().nonnegative(),
  package: Name,
  /** What was not let through. */
  results: z.array(PolicyResult).max(100),
  /** More results than are listed. */
  more: z.number().int().nonnegative(),
  /** Rules that an exception in Rego switches off for this document. */
  excepted: z.array(Name).max(200),
  /** Why it gave no answer. */
  problem: Said.nullable(),
})
export type PolicyAnswer = z.infer<typeof PolicyAnswer>

const PolicyFault = z.strictObject({ path: Path, line: z.number().int().positive().nullable(), message: Said })
export type PolicyFault = z.infer<typeof PolicyFault>

const PolicyTest = z.strictObject({ package: Name, name: Name, outcome: z.enum(['pass', 'fail', 'error', 'skip']), why: Said.nullable() })
export type PolicyTest = z.infer<typeof PolicyTest>

const PolicySet = z.strictObject({
  /** Of the base branch: it judges. Of the head, when that differs: it is compiled, tested, and judges too. */
  at: z.enum(['base', 'head']),
  commit: CommitSha,
  /** Git's tree object of the folder; null when there is none. */
  tree: z.string().max(64).nullable(),
  /** `opa`, or the bundle; null: nothing here evaluates it. */
  by: z.enum(['opa', 'bundle']).nullable(),
  sources: z.array(z.strictObject({ path: Path, sha256: Sha256.nullable(), problem: Said.nullable() })).max(500),
  /** Why it does not compile. */
  faults: z.array(PolicyFault).max(100),
  tests: z.array(PolicyTest).max(2000),
  /** What was asked. */
  rules: z.array(z.strictObject({ package: Name, rule: Name })).max(2000),
  answers: z.array(PolicyAnswer).max(100_000),
})
export type PolicySet = z.infer<typeof PolicySet>

const PolicyBundleFile = z.strictObject({
  path: Path,
  approved: Sha256,
  /** Digest of the file at each commit; null: there is none that can be read. */
  base: Sha256.nullable(),
  head: Sha256.nullable(),
  /** Of the approved one, when it could be opened. */
  revision: z.string().max(100).nullable(),
  entrypoints: z.array(Name).max(2000),
  problem: Said.nullable(),
})
export type PolicyBundleFile = z.infer<typeof PolicyBundleFile>

export const PolicyEvaluations = z.strictObject({
  base: CommitSha,
  head: CommitSha,
  folder: Path,
  /** Packages the config asks. */
  packages: z.array(Name).max(20),
  /** Version of the `opa` that was asked; null: there is none in this job. */
  opa: z.string().max(100).nullable(),
  /** Rego of the release that lies elsewhere, when the folder has none. */
  elsewhere: z.array(Path).max(20),
  documents: z.array(PolicyDocument).max(5000),
  sets: z.array(PolicySet).max(2),
  bundle: PolicyBundleFile.nullable(),
})
