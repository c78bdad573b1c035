/**
 * The samples that `k6 run --out=json` writes, line by line as they come -> requests and iterations. Bounded in what is kept, whatever is written: tags are
 * looked at and let go. What cannot be read is counted, and whoever reads has to refuse the whole: nobody knows what stood there.
 */
import { StringDecoder } from 'node:string_decoder'
import { z } from 'zod'

const LINE_CHARACTERS = 64 << 10
const MAX_BYTES = 4 * 2 ** 30

const METRICS = ['http_req_duration', 'http_req_blocked', 'http_req_failed', 'iterations', 'dropped_iterations'] as const
const WANTED = new RegExp(`"metric":"(?:${METRICS.join('|')})"`)
const Tag = z.string().max(LINE_CHARACTERS)
const Line = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('Metric') }),
  z.looseObject({
    type: z.literal('Point'),
    metric: z.enum(METRICS),
    data: z.looseObject({
      time: z.iso.datetime({ offset: true }),
      value: z.number().min(0).max(1e9),
      tags: z.looseObject({
        scenario: Tag.optional(),
        url: Tag.optional(),
        status: Tag.regex(/^(?:0|[1-9]\d{2})$/).optional(),
        /** Of the steps: when the scenario began, as `k6-steps.ts` writes it. */
        rc_start: Tag.regex(/^\d{1,16}$/).optional(),
      }),
    }),
  }),
])

export interface K6Request {
  /** Undefined: before or after all scenarios. */
  readonly scenario: string | undefined
  /** As tagged: an address, or the name that the script gave to it. */
  readonly url: string | undefined
  /** `0`: no answer. */
  readonly status: string
  /** From its first byte out to the last one in. */
  readonly ms: number
  /** Before it left: until it had a connection. */
  readonly blocked: number
  /** By what the script expects, else by its status. */
  readonly isFailed: boolean
  /** Epoch milliseconds of its end, and of the begin of its step. */
  readonly at: number
  readonly start: number | null
}

export interface K6Heard {
  request(one: K6Request): void
  /** @param scenario whose iterations ended, or could not begin when they were due */
  iterations(scenario: string, how: 'done' | 'dropped', count: number): void
}

type Mutable<Of> = { -readonly [Key in keyof Of]: Of[Key] }

export class K6Lines {
  readonly #heard: K6Heard
  readonly #decoder = new StringDecoder('utf8')
  #rest = ''
  #isSkipping = false
  #bytes = 0
  #unread = 0
  #current: Mutable<K6Request> | null = null

  constructor(heard: K6Heard) {
    this.#heard = heard
  }

  /** @returns why it was enough; null: go on */
  take(chunk: Buffer): string | null {
    this.#bytes += chunk.length
    if (this.#bytes > MAX_BYTES) return `it wrote more than ${MAX_BYTES} bytes of samples`
    const lines = `${this.#rest}${this.#decoder.write(chunk)}`.split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#line(line)
    if (this.#rest.length > LINE_CHARACTERS) {
      this.#isSkipping = true
      this.#rest = ''
    }
    return null
  }

  /** @returns lines that could not be read */
  end(): number {
    this.#settle()
    return this.#unread + (this.#rest !== '' || this.#isSkipping ? 1 : 0)
  }

  #line(line: string): void {
    const isWhole = !this.#isSkipping && line.length <= LINE_CHARACTERS && line.startsWith('{') && line.endsWith('}')
    this.#isSkipping = false
    if (!isWhole) this.#unread += 1
    else if (WANTED.test(line)) this.#wanted(line)
  }

  #wanted(line: string): void {
    const read = Line.safeParse(parsed(line))
    if (!read.success) this.#unread += 1
    else if (read.data.type === 'Point') this.#point(read.data)
  }

  /** The samples of one request come together, that of its duration before those of its connection and its outcome. */
  #point({ metric, data: { tags, time, value } }: Extract<z.infer<typeof Line>, { type: 'Point' }>): void {
    const { rc_start: start, scenario, status, url } = tags
    if (metric === 'iterations' || metric === 'dropped_iterations') {
      if (scenario !== undefined) this.#heard.iterations(scenario, metric === 'iterations' ? 'done' : 'dropped', value)
    } else if (metric === 'http_req_duration') {
      this.#settle()
      if (status === undefined) this.#unread += 1
      else {
        const isFailed = status === '0' || Number(status) >= 400
        this.#current = {
          scenario,
          url,
          status,
          ms: value,
          blocked: 0,
          isFailed,
          at: Date.parse(time),
          start: start === undefined ? null : Number(start),
        }
      }
    } else if (this.#current !== null) {
      if (metric === 'http_req_blocked') this.#current.blocked = value
      else this.#current.isFailed = value !== 0
    }
  }

  #settle(): void {
    if (this.#current !== null) this.#heard.request(this.#current)
    this.#current = null
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
