/** One request and its answer, over a connection that is kept: bounded in time and in bytes, redirects not followed, certificates checked. */
import { Agent as PlainAgent, request as plain, type ClientRequest, type IncomingMessage } from 'node:http'
import { Agent as SecureAgent, request as secure } from 'node:https'
import { performance } from 'node:perf_hooks'
import type { Ask, Target } from './target.ts'

const MAX_BYTES = 8 << 20
/** Late answers are looked for this often: a timer for each request would cost as much as the request. */
const LOOK_MS = 100

export interface WholeAnswer {
  readonly status: number
  readonly location: string | null
  readonly body: string
}

export class Exchange {
  private readonly target: Target
  private readonly agent: PlainAgent
  private readonly timeoutMs: number
  private readonly waiting = new Map<ClientRequest, number>()
  private readonly timer: NodeJS.Timeout

  /** @param most connections at once; a request that finds none free waits inside @param timeoutMs of one whole answer */
  constructor(target: Target, most: number, timeoutMs: number) {
    this.target = target
    this.timeoutMs = timeoutMs
    const options = { keepAlive: true, maxSockets: most, scheduling: 'lifo' } as const
    this.agent = target.secure ? new SecureAgent({ ...options, servername: target.servername }) : new PlainAgent(options)
    this.timer = setInterval(() => this.giveUp(performance.now()), LOOK_MS)
  }

  /** @returns the status; null when there was no whole answer */
  async ask(ask: Ask): Promise<number | null> {
    return (await this.send(ask, () => undefined))?.statusCode ?? null
  }

  /** As `ask`, with what stands in the answer. */
  async whole(ask: Ask): Promise<WholeAnswer | null> {
    const chunks: Buffer[] = []
    const response = await this.send(ask, (chunk) => void chunks.push(chunk))
    if (response === null) return null
    return { status: response.statusCode ?? 0, location: response.headers.location ?? null, body: Buffer.concat(chunks).toString('utf8') }
  }

  /** What still waits gets no answer. */
  close(): void {
    clearInterval(this.timer)
    this.giveUp(Number.POSITIVE_INFINITY)
    this.agent.destroy()
  }

  private async send({ method, path, headers, body }: Ask, take: (chunk: Buffer) => void): Promise<IncomingMessage | null> {
    const { promise, resolve } = Promise.withResolvers<IncomingMessage | null>()
    const { address: host, port } = this.target
    const done = (response: IncomingMessage | null): void => {
      this.waiting.delete(call)
      resolve(response)
    }
    const call = (this.target.secure ? secure : plain)({ host, port, method, path, headers, agent: this.agent }, (response) => {
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MAX_BYTES) response.destroy()
        else take(chunk)
      })
      response.on('end', () => done(response.complete ? response : null))
      response.on('error', () => done(null))
      response.on('close', () => done(null))
    })
    this.waiting.set(call, performance.now() + this.timeoutMs)
    call.on('error', () => done(null))
    call.end(body ?? undefined)
    return await promise
  }

  private giveUp(now: number): void {
    for (const [call, until] of this.waiting) if (until <= now) call.destroy(new Error('too late'))
  }
}
