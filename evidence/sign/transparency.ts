/**
 * The one log entry of a pack: a bundle that was signed before, entered into a transparency log, comes back as the same bundle with its entry. The log is
 * not believed here: the caller verifies the answer against the trusted root before it keeps it.
 */
import { z } from 'zod'
import { SignError } from './error.ts'
import { subjectOf, withEntry } from './log-entry.ts'
import { addV1, findV1 } from './rekor-v1.ts'
import { addV2, findV2, sizeV2 } from './rekor-v2.ts'
import type { Patience } from './service.ts'

export interface TransparencyLog {
  readonly url: string
  readonly version: 1 | 2
  /** `trusted_root.json`. */
  readonly root: Uint8Array
  readonly patience?: Patience
}

export interface ToLog {
  readonly log: TransparencyLog
  /** Sigstore bundle with a DSSE envelope, as JSON value. */
  readonly bundle: unknown
  /** Of a bundle that was signed with a key. */
  readonly publicKeyPem?: string
}

/** Enters the bundle, or fetches the entry it has already. @returns the bundle with its entry @throws SignError */
export async function enterLog(of: ToLog): Promise<unknown> {
  const subject = subjectOf(of.bundle, of.publicKeyPem)
  return withEntry(subject, of.log.version === 1 ? await addV1(of.log, subject) : await addV2(v2Of(of.log), subject))
}

/**
 * Asks whether the bundle is in the log; adds nothing.
 * @param from what {@link sizeOfLog} said before the bundle was entered; 0: unknown
 * @returns the bundle with its entry, or null @throws SignError
 */
export async function findInLog(of: ToLog, from: number): Promise<unknown> {
  const subject = subjectOf(of.bundle, of.publicKeyPem)
  const entry = of.log.version === 1 ? await findV1(of.log, subject) : await findV2(v2Of(of.log), subject, from)
  return entry === null ? null : withEntry(subject, entry)
}

/** Where a later search begins; 0 when the log needs no such place, or does not say. @throws SignError */
export async function sizeOfLog(log: TransparencyLog): Promise<number> {
  return log.version === 1 ? 0 : ((await sizeV2(v2Of(log))) ?? 0)
}

const Root = z.object({ tlogs: z.array(z.object({ logId: z.object({ keyId: z.base64() }) })) })

function v2Of({ url, root, patience }: TransparencyLog) {
  const parsed = Root.safeParse(JSON.parse(Buffer.from(root).toString('utf8')))
  if (!parsed.success) throw new SignError('bad-answer', 'the trusted root names no transparency log')
  return { url, logIds: parsed.data.tlogs.map((each) => each.logId.keyId), ...(patience === undefined ? {} : { patience }) }
}
