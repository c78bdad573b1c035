/** What the actions about kept packs share: the archive of an operator's file, who asks, which pack is meant, and how a refusal is answered. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { sha256 } from '../../../evidence/core/digest.ts'
import type { Actor } from '../../../evidence/keep/acts.ts'
import { KeepError, type KeepErrorCode } from '../../../evidence/keep/error.ts'
import { readName, readReason } from '../../../evidence/keep/reason.ts'
import type { KeptPack } from '../../../evidence/keep/state.ts'
import { PACK_CAPS } from '../../../evidence/pack/zip.ts'
import { CliError } from '../error.ts'
import { gitOrNull } from '../repository.ts'
import { EXIT } from '../verb.ts'
import type { Answer, Call, Exit } from '../verb.ts'
import { bytesOf } from './files.ts'

/** Loaded when one of these actions runs: it brings the operator's file and the stores. */
export const keeping = () => import('../../keep/index.ts')
export type Keeping = Awaited<ReturnType<typeof keeping>>
export type OpenArchive = ReturnType<Keeping['openArchive']>

export const MAX_PACK = PACK_CAPS.totalBytes

export const ARCHIVE_OPTIONS = { operator: { type: 'string' } } as const
export const ARCHIVE_MEANING = { operator: "the operator's own file: it names artifacts_dir, stores, the App's key and the people" } as const
export const ACTOR_OPTIONS = { by: { type: 'string' }, reason: { type: 'string' } } as const
export const ACTOR_MEANING = {
  by: 'your name; else user.email of Git. It is written down as claimed: a command line cannot know better',
  reason: 'why, in 10 to 500 characters; kept as it is',
} as const

/** @throws CliError without --operator, or when the file is wrong */
export async function archiveOf(call: Call): Promise<{ readonly archive: OpenArchive; readonly keeping: Keeping }> {
  const file = call.text('operator')
  if (file === undefined || file === '')
    throw new CliError(
      'usage',
      'Where packs are kept, and who may do what with them, stands in the operator file.',
      'Name it: --operator=operator.yml',
    )
  const loaded = await keeping()
  try {
    return { archive: loaded.openArchive(resolve(call.io.cwd, file), { now: () => call.io.now() }, call.io.env), keeping: loaded }
  } catch (error) {
    if (error instanceof loaded.OperatorError) throw new CliError('config', error.message, 'Mend the operator file.', { cause: error })
    throw error
  }
}

/** Who says it is them. @throws KeepError `actor` */
export async function actorOf(call: Call): Promise<Actor> {
  const name = readName(call.text('by') ?? (await gitOrNull(call.io.cwd, ['config', 'user.email'])) ?? '')
  if (name instanceof KeepError) throw name
  return { name, how: 'claimed' }
}

/** @throws KeepError `reason` */
export function reasonOf(call: Call): string {
  const reason = readReason(call.text('reason'))
  if (reason instanceof KeepError) throw reason
  return reason
}

/** The digest that a word means: a digest, the beginning of one that is kept, or the digest of a file. @throws CliError */
export async function digestMeant(call: Call, archive: OpenArchive, word: string): Promise<string> {
  if (/^[0-9a-f]{64}$/.test(word)) return word
  if (/^[0-9a-f]{8,63}$/.test(word)) {
    const found = [...(await archive.log.read()).packs.keys()].filter((digest) => digest.startsWith(word))
    if (found[0] !== undefined && found.length === 1) return found[0]
    throw new CliError('not-found', `${found.length} kept packs begin with ${word}.`, 'Run `release-conductor evidence list` for their digests.')
  }
  return sha256(await bytesOf(call, word, MAX_PACK, 'pack'))
}

/** Is the word a file rather than a digest? */
export async function isFile(call: Call, word: string): Promise<boolean> {
  const found = await stat(resolve(call.io.cwd, word)).catch(() => null)
  return found?.isFile() === true
}

const OF_USAGE: ReadonlySet<KeepErrorCode> = new Set(['reason', 'actor', 'unsigned', 'no-such-hold', 'unknown-pack', 'malformed'])
const OF_PEOPLE: ReadonlySet<KeepErrorCode> = new Set(['own-request', 'same-person', 'bad-signature'])

/** The work's answer, or its refusal as an answer: every one has a code. */
export async function answering(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work()
  } catch (error) {
    const refusal = await refusalOf(error)
    if (refusal === null) throw error
    const { exit, code, message } = refusal
    return { exit, text: `Refused (${code}): ${message}`, data: { ok: false, code, message } }
  }
}

async function refusalOf(error: unknown): Promise<{ readonly exit: Exit; readonly code: string; readonly message: string } | null> {
  if (error instanceof KeepError) {
    const exit = OF_USAGE.has(error.code) ? EXIT.usage : OF_PEOPLE.has(error.code) ? EXIT.unauthorised : EXIT.no
    return { exit, code: error.code, message: error.message }
  }
  const { StorageError } = await keeping()
  if (!(error instanceof StorageError)) return null
  const no = error.code === 'locked' || error.code === 'immutable' || error.code === 'changed' || error.code === 'log'
  const exit = no ? EXIT.no : error.code === 'unknown-store' || error.code === 'absent' ? EXIT.usage : EXIT.unavailable
  return { exit, code: error.code, message: error.message }
}

/** `v2.0.0 of acme/shop, seal 2` */
export function titleOf({ pack }: KeptPack): string {
  return `${pack.version} of ${pack.repository}, seal ${pack.seal}`
}
