/**
 * `log.enter`: the signature of a sealed pack goes into the transparency log, once, and comes back with its entry. The log may take long or be away, and
 * a canary must not wait for it: an attempt goes on by itself, and the outbox learns of it when it looks again. A pack is never written again: the logged
 * signature lies beside it.
 */
import { z } from 'zod'
import { sha256 } from '../../evidence/core/digest.ts'
import { parseJson } from '../../evidence/core/json.ts'
import { documentBytes } from '../../evidence/pack/documents.ts'
import { MANIFEST, MANIFEST_SIGNATURE } from '../../evidence/pack/layout.ts'
import { readZip } from '../../evidence/pack/zip.ts'
import { bundleBytes } from '../../evidence/sign/statement.ts'
import { EvidenceError } from '../../evidence/verify/error.ts'
import type { Trust } from '../../evidence/verify/verifier.ts'
import { verifyBundle } from '../../evidence/verify/verify.ts'
import { ReleaseError } from './error.ts'
import type { Clock, Effect, Outcome } from './ports.ts'

export type LogEffect = Extract<Effect, { kind: 'log.enter' }>

/** A transparency log, as the App reaches it. */
export interface LogPort {
  /** How many entries it holds; 0 when it does not say. */
  size(): Promise<number>
  /** Bundle -> the same bundle with the entry it has already, or null. @param from the size before it can have been entered */
  find(bundle: unknown, from: number): Promise<unknown>
  /** Bundle -> the same bundle with its entry, added now or before. */
  enter(bundle: unknown): Promise<unknown>
}

export interface Logging {
  readonly log: LogPort
  readonly clock: Clock
  /** Who may have signed, and the root that names the log: an answer that does not verify is not kept. */
  readonly trust: Trust
  readonly files: {
    write(path: string, bytes: Uint8Array): Promise<void>
    read(path: string): Promise<Uint8Array | null>
  }
  /** The answer when it comes soon, else undefined: most logs answer within a moment. */
  readonly soon: <Value>(work: Promise<Value>) => Promise<Value | undefined>
  /** Names this process. */
  readonly owner: string
}

interface Attempt {
  /** Running until it is known when to try again. */
  readonly again: number | null
  readonly failures: number
}

const FIRST_PAUSE_MS = 2_000
const LONGEST_PAUSE_MS = 60_000
/** An attempt of another process may still be under way for so long; until then ours only looks. */
const OTHERS_MS = 30_000

/** `…/evidence-1-….zip` -> `…/evidence-1-….sigstore.json` */
export function loggedPath(pack: string): string {
  return `${pack.replace(/\.zip$/, '')}.sigstore.json`
}

export function logEffects(with_: Logging): {
  perform(effect: LogEffect): Promise<Outcome>
  find(effect: LogEffect): Promise<Outcome | null>
  waits(effect: LogEffect): boolean
} {
  const { clock, soon } = with_
  const attempts = new Map<string, Attempt>()
  return {
    async perform(effect) {
      const failures = attempts.get(effect.key)?.failures ?? 0
      attempts.set(effect.key, { again: null, failures })
      const work = enterOnce(with_, effect).then(
        (outcome) => {
          attempts.delete(effect.key)
          return outcome
        },
        (error: unknown) => {
          attempts.set(effect.key, { again: clock.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures), failures: failures + 1 })
          throw error
        },
      )
      // Whoever asked may have left: what fails later is seen by the next attempt.
      work.catch(() => {})
      const outcome = await soon(work)
      if (outcome === undefined) throw new ReleaseError('log-pending', 'log_pending: the transparency log was asked and has not answered yet')
      return outcome
    },
    find: (effect) => kept(with_, effect),
    waits(effect) {
      const attempt = attempts.get(effect.key)
      return attempt !== undefined && (attempt.again === null || clock.now() < attempt.again)
    },
  }
}

/** Looks before it adds, so that an attempt of a process that died is found and not repeated. */
async function enterOnce(with_: Logging, effect: LogEffect): Promise<Outcome> {
  const before = await kept(with_, effect)
  if (before !== null) return before
  const { log, files, clock, owner } = with_
  const bundle = parseJson((await signed(with_, effect)).signature)
  const trail = await readTrail(files, effect)
  const found = trail === null ? null : await log.find(bundle, trail.size)
  if (found === null && trail !== null && trail.owner !== owner && clock.now() - trail.at < OTHERS_MS)
    throw new ReleaseError('log-pending', 'log_pending: another process has asked the transparency log, and may still be answered')
  if (found === null) await writeTrail(files, effect, { pack: effect.pack, owner, at: clock.now(), size: trail?.size ?? (await log.size()) })
  const logged = bundleBytes(found ?? (await log.enter(bundle)))
  const outcome = await believe(with_, effect, logged)
  if (outcome instanceof EvidenceError)
    throw new ReleaseError('log-unverified', `the answer of the transparency log does not verify: ${outcome.code}: ${outcome.message}`)
  await files.write(loggedPath(effect.path), logged)
  return outcome
}

/** What lies beside the pack, when it is of this very pack and holds. */
async function kept(with_: Logging, effect: LogEffect): Promise<Outcome | null> {
  const bytes = await with_.files.read(loggedPath(effect.path))
  if (bytes === null) return null
  const outcome = await believe(with_, effect, bytes)
  return outcome instanceof EvidenceError ? null : outcome
}

async function believe(with_: Logging, effect: LogEffect, logged: Uint8Array): Promise<Outcome | EvidenceError> {
  const { manifest, signature } = await signed(with_, effect)
  const subjects = [{ name: MANIFEST, sha256: sha256(manifest) }]
  const answer = verifyBundle({ bundle: logged, trust: with_.trust, expect: { kinds: ['checkpoint'], logged: true, subjects } })
  if (answer instanceof EvidenceError) return answer
  if (envelopeOf(logged) !== envelopeOf(signature)) return new EvidenceError('bad-signature', 'it is another signature than the one in the pack')
  return { id: null, data: { path: loggedPath(effect.path), sha256: sha256(logged), pack: effect.pack } }
}

/** @throws ReleaseError `incomplete` */
async function signed(with_: Logging, effect: LogEffect): Promise<{ readonly manifest: Uint8Array; readonly signature: Uint8Array }> {
  const zip = await with_.files.read(effect.path)
  if (zip === null || sha256(zip) !== effect.pack)
    throw new ReleaseError('incomplete', `${effect.path} is not the pack ${effect.pack} that is to be logged`)
  const entries = readZip(zip)
  const [manifest, signature] = [entries.get(MANIFEST), entries.get(MANIFEST_SIGNATURE)]
  if (manifest === undefined || signature === undefined) throw new ReleaseError('incomplete', `${effect.path} has no signed manifest`)
  return { manifest, signature }
}

function envelopeOf(bundle: Uint8Array): string {
  return Buffer.from(bundleBytes((parseJson(bundle) as { dsseEnvelope?: unknown }).dsseEnvelope ?? null)).toString()
}

/** What an attempt leaves before it asks the log: where a later one begins to look, and whose it was. */
const Trail = z.strictObject({ pack: z.string(), owner: z.string(), at: z.number(), size: z.number().int().nonnegative() })
type Trail = z.infer<typeof Trail>

/** null when no attempt was made for this pack. */
async function readTrail(files: Logging['files'], effect: LogEffect): Promise<Trail | null> {
  const bytes = await files.read(trailPath(effect))
  const parsed = bytes === null ? null : Trail.safeParse(parseJson(bytes))
  return parsed?.success === true && parsed.data.pack === effect.pack ? parsed.data : null
}

async function writeTrail(files: Logging['files'], effect: LogEffect, trail: Trail): Promise<void> {
  await files.write(trailPath(effect), documentBytes(trail))
}

function trailPath(effect: LogEffect): string {
  return `${effect.path.replace(/\.zip$/, '')}.log-attempt.json`
}
