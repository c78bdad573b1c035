/**
 * Router adapter for OpenFeature with flagd: a fractional flag in one file that is ours, which flagd watches. Believed when every flagd says that it serves
 * that file, and when of many keys it gives the canary as many as it should.
 *
 * A step up that is not served leaves the file of before. A step down leaves its own, so that whatever flagd reads next takes the traffic home.
 */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { isOff } from '../share.ts'
import { replaceFile } from './durable-file.ts'
import { BucketKey, definitionOf, FlagKey, servingFlag, servingIn, servingOf, Values, type Serving } from './flagd-file.ts'
import { evaluate } from './ofrep.ts'
import { percentage, RouterError, type Router } from './router.ts'
import { turns, type Own } from './turns.ts'

const Address = z
  .string()
  .max(500)
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'an http or https address')

/** One router in the operator's file. */
export const FlagdSource = z.strictObject({
  /** Among the sources of every flagd. */
  file: z.string().min(1).max(1000),
  flag: FlagKey,
  key: BucketKey.default('targetingKey'),
  values: Values.default({ canary: true, stable: false }),
  /** OFREP of each flagd that reads the file. */
  ofrep: z.array(Address).min(1).max(20),
})
export type FlagdSource = z.infer<typeof FlagdSource>

export interface FlagdOptions extends FlagdSource {
  /** Of one `set`. Default 8,000. */
  readonly timeoutMs?: number
}

const ASK_MS = 1_000
const PAUSE_MS = 50
/** Keys asked for after each change, so many at a time. */
const KEYS = 400
const AT_ONCE = 20
const MODE = 0o644

/** @throws RouterError `invalid` */
export function flagd({ timeoutMs = 8_000, ...source }: FlagdOptions): Router {
  const parsed = FlagdSource.safeParse(source)
  if (!parsed.success) throw new RouterError('invalid', parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
  const options = parsed.data
  const { file, flag, key } = options
  const servers = options.ofrep.map((text) => new URL(text))
  const inTurn = turns()

  async function servedBy(server: URL): Promise<Serving> {
    const { value } = await evaluate(server, servingFlag(flag), { targetingKey: 'release-conductor' }, Math.min(ASK_MS, timeoutMs))
    return servingOf(value)
  }

  /** @throws RouterError `mismatch` when two differ */
  async function served(): Promise<Serving> {
    const all = await Promise.all(servers.map(servedBy))
    const [first] = all
    const other = all.findIndex(({ mark }) => mark !== first?.mark)
    if (first !== undefined && other === -1) return first
    throw new RouterError(
      'mismatch',
      `flagd at ${servers[0]?.host} serves ${first?.percent} %, and at ${servers[other]?.host} ${all[other]?.percent} %. Set the weight again.`,
    )
  }

  async function present(): Promise<string | null> {
    try {
      return await readFile(file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw unwritable('read', error)
    }
  }

  function unwritable(what: string, cause: unknown): RouterError {
    return new RouterError(
      'refused',
      `${file} cannot be ${what} (${(cause as NodeJS.ErrnoException).code ?? 'error'}). Check its owner and its folder's.`,
      { cause },
    )
  }

  async function write(text: string, path = file): Promise<void> {
    await replaceFile(path, text, MODE).catch((error: unknown) => {
      throw unwritable('written', error)
    })
  }

  async function loaded({ percent, mark }: Serving, own: Own, endsAt: number): Promise<void> {
    let last = 'nothing'
    while (performance.now() < endsAt) {
      own()
      try {
        const serving = await served()
        if (serving.mark === mark) return
        last = `${serving.percent} % of an earlier file`
      } catch (error) {
        if (!(error instanceof RouterError)) throw error
        last = error.message
      }
      await sleep(PAUSE_MS)
    }
    throw new RouterError('mismatch', `${file} says ${percent} %, and flagd does not serve it; the last answer: ${last}. Does it watch that file?`)
  }

  /** What flagd gives to many keys. */
  async function drawn(percent: number, mark: string, endsAt: number): Promise<void> {
    let canary = 0
    for (let from = 0; from < KEYS; from += AT_ONCE) {
      const given = await Promise.all(
        Array.from({ length: AT_ONCE }, (_, at) => {
          const id = `${mark}-${from + at}`
          return evaluate(servers[at % servers.length] ?? new URL(''), flag, { targetingKey: id, [key]: id }, endsAt - performance.now())
        }),
      )
      canary += given.filter(({ value }) => value === options.values.canary).length
      const neither = given.find(({ value }) => value !== options.values.canary && value !== options.values.stable)
      if (neither !== undefined)
        throw new RouterError(
          'mismatch',
          `flagd gives ${flag} the value ${JSON.stringify(neither.value)}, which is none of its two. Another source has a flag of that name.`,
        )
    }
    const exact = percent === 0 ? canary > 0 : percent === 100 && canary < KEYS
    if (exact || isOff(canary, KEYS, percent / 100))
      throw new RouterError(
        'mismatch',
        `flagd serves ${percent} % of ${flag} and gives it to ${canary} of ${KEYS} keys. Another source has a flag of that name, or its targeting.`,
      )
  }

  async function change(percent: number, own: Own): Promise<void> {
    const endsAt = performance.now() + timeoutMs
    const before = await present()
    const now = await served().catch((error: unknown) => {
      // Nobody needs to answer for a step down to be tried; those who differ are brought together, and those without the flag get it.
      if (error instanceof RouterError && (percent === 0 || error.code === 'mismatch' || error.code === 'refused')) return null
      throw error
    })
    if (now?.percent === percent && before !== null && servingIn(before, options)?.mark === now.mark) return
    const up = percent > (now?.percent ?? 0)
    const wanted: Serving = { percent, mark: randomBytes(8).toString('hex') }
    if (before !== null) await write(before, `${file}.before`)
    own()
    await write(definitionOf(options, wanted))
    try {
      await loaded(wanted, own, endsAt)
      await drawn(percent, wanted.mark, endsAt)
    } catch (error) {
      if (up && before !== null) await write(before)
      throw error
    }
  }

  return {
    async set(percent) {
      percentage(percent)
      await inTurn(percent, (own) => change(percent, own))
    },
    async read() {
      const [serving, text] = [await served(), await present()]
      if (text?.includes(`"${serving.mark}"`) === true && servingIn(text, options) === null)
        throw new RouterError(
          'mismatch',
          `${file} was changed by somebody else, so its ${serving.percent} % cannot be believed. Set the weight again.`,
        )
      return serving.percent
    },
  }
}
