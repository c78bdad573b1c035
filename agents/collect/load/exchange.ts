/** One request and its answer, over a connection that is kept: bounded in time and in bytes, redirects not followed, certificates checked. */
import { Agent as PlainAgent, request as plain, type ClientRequest } from 'node:http'
import { Agent as SecureAgent, request as secure } from 'node:https'
import { performance } from 'node:perf_hooks'
import type { Ask, Target } from './target.ts'

const MAX_BYTES = 8 << 20
/** Late answers are looked for this often: a timer for each request would cost as much as the request. */
const LOOK_MS = 100

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
  async ask({ method, path, headers, body }: Ask): Promise<number | null> {
    const { promise, resolve } = Promise.withResolvers<number | null>()
    const { address: host, port } = this.target
    const done = (status: number | null): void => {
      this.waiting.delete(call)
      resolve(status)
    }
    const call = (this.target.secure ? secure : plain)({ host, port, method, path, headers, agent: this.agent }, (response) => {
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > MAX_BYTES) response.destroy()
      })
      response.on('end', () => done(response.complete ? (response.statusCode ?? null) : null))
      response.on('error', () => done(null))
      response.on('close', () => done(null))
    })
    this.waiting.set(call, performance.now() + this.timeoutMs)
    call.on('error', () => done(null))
    call.end(body ?? undefined)
    return await promise
  }

  /** What still waits gets no answer. */
  close(): void {
    clearInterval(this.timer)
    this.giveUp(Number.POSITIVE_INFINITY)
    this.agent.destroy()
  }

  private giveUp(now: number): void {
    for (const [call, until] of this.waiting) if (until <= now) call.destroy(new Error('too late'))
  }
}
