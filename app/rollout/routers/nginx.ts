/**
 * Router adapter for NGINX: `split_clients` in one file that is ours, tested, loaded by a reload, and believed only when the workers themselves say so. The
 * exit of a reload says that it was asked for, not that it happened: a master that cannot load the new file goes on with the old one.
 *
 * A step up that is not served leaves the file of before. A step down leaves its own, so that whoever reloads or starts NGINX next brings it.
 */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { boundedGet } from '../../../agents/collect/metrics/bounded-get.ts'
import { MetricsError } from '../../../agents/collect/metrics/metrics-error.ts'
import { Command, run } from './command.ts'
import { replaceFile } from './durable-file.ts'
import { fileOf, HashKey, servingIn, servingOf, Variable, type Serving } from './nginx-file.ts'
import { percentage, RouterError, type Router } from './router.ts'
import { turns, type Own } from './turns.ts'
import { words } from './words.ts'

/** One router in the operator's file. */
export const NginxSource = z.strictObject({
  /** Included in `http`. */
  file: z.string().min(1).max(1000),
  variable: Variable,
  key: HashKey.default('$request_id'),
  /** Address of a location that returns `$<variable>_serving`. */
  status: z
    .string()
    .max(500)
    .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), 'an http or https address'),
  test: Command.default(['nginx', '-t']),
  reload: Command.default(['nginx', '-s', 'reload']),
})
export type NginxSource = z.infer<typeof NginxSource>

export interface NginxOptions extends NginxSource {
  /** Of one `set`. Default 5,000. */
  readonly timeoutMs?: number
}

const MAX_ANSWER = 4_096
const ASK_MS = 1_000
const PAUSE_MS = 20
/**
 * So long every new connection must meet a worker that serves the new file. The master lets old workers go a tenth of a second after it started the new
 * ones, and until then they take connections.
 */
const STEADY_MS = 300
const STEADY_ANSWERS = 10
/** Read by the master, which is root, and by nobody who should not. */
const MODE = 0o644

interface Before {
  readonly text: string | null
  readonly serving: Serving | null
}

/** @throws RouterError `invalid` */
export function nginx({ timeoutMs = 5_000, ...source }: NginxOptions): Router {
  const parsed = NginxSource.safeParse(source)
  if (!parsed.success) throw new RouterError('invalid', parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
  const options = parsed.data
  const { file } = options
  const status = new URL(options.status)
  const inTurn = turns()

  async function served(): Promise<Serving> {
    let body: string
    try {
      body = await boundedGet(status, { maxBytes: MAX_ANSWER, timeoutMs: Math.min(ASK_MS, timeoutMs) })
    } catch (error) {
      if (!(error instanceof MetricsError)) throw error
      throw new RouterError('unreachable', `NGINX does not say what it serves: ${error.message} Its weight is unknown.`, { cause: error })
    }
    return servingOf(body)
  }

  async function present(): Promise<Before> {
    try {
      const text = await readFile(file, 'utf8')
      return { text, serving: servingIn(text, options) }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { text: null, serving: null }
      throw unwritable('read', error)
    }
  }

  function unwritable(what: string, cause: unknown): RouterError {
    return new RouterError(
      'refused',
      `${file} cannot be ${what} (${(cause as NodeJS.ErrnoException).code ?? 'error'}). Check its owner and its folder's.`,
      {
        cause,
      },
    )
  }

  async function write(text: string, path = file): Promise<void> {
    await replaceFile(path, text, MODE).catch((error: unknown) => {
      throw unwritable('written', error)
    })
  }

  async function command(what: 'test' | 'reload', endsAt: number): Promise<void> {
    const { ok, said } = await run(options[what], endsAt - performance.now())
    if (ok) return
    const lines = said.split('\n')
    const why = words(lines.find((line) => /\[(?:emerg|alert|crit|error)\]/.test(line)) ?? said)
    throw new RouterError('refused', `NGINX refuses to ${what === 'test' ? 'take its configuration' : 'reload'}: ${why}`)
  }

  /** Until the workers, and only they, serve this file. */
  async function confirmed({ percent, mark }: Serving, own: Own, endsAt: number): Promise<void> {
    let since: number | null = null
    let answers = 0
    let last: string = 'nothing'
    while (performance.now() < endsAt) {
      own()
      const serving = await served().catch((error: unknown) => {
        if (!(error instanceof RouterError)) throw error
        last = error.message
        return null
      })
      if (serving?.mark === mark) {
        since ??= performance.now()
        answers += 1
        if (answers >= STEADY_ANSWERS && performance.now() - since >= STEADY_MS) return
      } else {
        since = null
        answers = 0
        if (serving !== null) last = `${serving.percent} % of an earlier file`
      }
      await sleep(PAUSE_MS)
    }
    throw new RouterError(
      'mismatch',
      `NGINX was told to reload for ${percent} %, and its workers do not serve that; the last answer: ${last}. Read its error log.`,
    )
  }

  async function change(percent: number, own: Own): Promise<void> {
    const endsAt = performance.now() + timeoutMs
    const before = await present()
    const now = await served().catch((error: unknown) => {
      // Nobody needs to answer for a step down to be tried.
      if (percent === 0 && error instanceof RouterError) return null
      throw error
    })
    if (now?.percent === percent && before.serving?.mark === now.mark) return
    const up = now !== null && percent > now.percent
    const wanted: Serving = { percent, mark: randomBytes(8).toString('hex') }
    if (before.text !== null) await write(before.text, `${file}.before`)
    own()
    await write(fileOf(options, wanted))
    try {
      await command('test', endsAt)
      own()
      await command('reload', endsAt)
      await confirmed(wanted, own, endsAt)
    } catch (error) {
      if (up && before.text !== null) await write(before.text)
      throw error
    }
  }

  return {
    async set(percent) {
      percentage(percent)
      await inTurn(percent, (own) => change(percent, own))
    },
    async read() {
      const [serving, { serving: kept, text }] = [await served(), await present()]
      if (kept === null && text?.includes(`"${serving.mark}"`) === true)
        throw new RouterError(
          'mismatch',
          `${file} says it is ours and was changed by somebody else, so its ${serving.percent} % cannot be believed. Set the weight again.`,
        )
      return serving.percent
    },
  }
}
