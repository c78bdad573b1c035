/** Inputs about what a release is made of, and who made it. All of it comes from Git objects: the head commit, and the base as the release before. */
import { z } from 'zod'
import { CommitSha, Timestamp } from '../../evidence/model/primitives.ts'
import { MAX_SCANS } from '../../evidence/model/scan-record.ts'

const Path = z.string().min(1).max(4096)

/** What one file may be. Above it the file is not read, and that is told. */
export const MAX_FILE_BYTES = 8 << 20
/** All files of one input. */
export const MAX_INPUT_BYTES = 24 << 20
/** Lock files of one commit. Each becomes two SBOMs, and a response names at most 500 files. */
export const MAX_LOCKFILES = 200
/** More than a config can grant exceptions for, so that what lies beyond is never passed over. */
export const MAX_UNREAD = 1000

/** `text` is null when the file could not be read as text: `why` says so. */
export const ReadFile = z.strictObject({ path: Path, text: z.string().max(MAX_FILE_BYTES).nullable(), why: z.string().max(300).nullable() })
export type ReadFile = z.infer<typeof ReadFile>

/** A lock file with the file beside it that completes it, such as package.json or go.sum. */
const Locked = ReadFile.extend({ manifest: ReadFile.nullable() })
export type Locked = z.infer<typeof Locked>

/** How many lock files are there and not read, because of the bound; the first of them by name. */
const Beyond = z.strictObject({ count: z.number().int().nonnegative(), first: z.array(Path).max(20) })
export type Beyond = z.infer<typeof Beyond>

export const Lockfiles = z.strictObject({
  base: CommitSha,
  head: CommitSha,
  /** Most that is read of one commit: lock files, and bytes of them and of what lies beside them. */
  bound: z.strictObject({ files: z.number().int().positive(), bytes: z.number().int().positive() }),
  /** Of the release, sorted by path. One that the config names and the commit lacks has no text. */
  files: z.array(Locked).max(MAX_LOCKFILES),
  beyond: Beyond,
  /** Of the release before, the base commit: those that are not as in `files`. */
  before: z.array(Locked).max(MAX_LOCKFILES),
  beyondBefore: Beyond,
  /** Paths in `files` that the release before has too, with the same bytes, and the same beside it. */
  unchanged: z.array(Path).max(MAX_LOCKFILES),
  /** Lock files of package managers that nothing here reads. */
  unsupported: z.array(Path).max(MAX_UNREAD),
  /** Manifests that ask for something, without a lock file. */
  unlocked: z.array(Path).max(MAX_UNREAD),
})

/** A scan record and the reports it names, at one commit. */
const Scanned = z.strictObject({ commit: CommitSha, record: ReadFile.nullable(), reports: z.array(ReadFile).max(MAX_SCANS) })

export const VulnerabilityReports = z.strictObject({
  /** When it was collected: ages count from here. */
  at: Timestamp,
  /** Where the record is looked for. */
  path: Path,
  head: Scanned,
  base: Scanned,
})

export const Attestations = z.strictObject({
  at: Timestamp,
  repository: z.strictObject({ owner: z.string().max(39), name: z.string().max(100), id: z.number().int().positive() }),
  /** The head, then the commits before it whose only difference from it lies in the evidence folder. */
  sources: z.array(CommitSha).min(1).max(50),
  /** artifacts.json; null when there is none. */
  list: ReadFile.nullable(),
  /** Each holds one Sigstore bundle, or one a line. Sorted by path. */
  files: z.array(ReadFile).max(200),
  /** Of the base commit; null when the config names none. */
  trustedRoot: ReadFile.nullable(),
})
